package io.mop.api.net;

import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A value made of files, made again when one of them changed. The files are read on use, at most once in an interval,
 * and compared by content: modification times miss changes within a tick, and links of mounted secrets change without
 * one. Files that do not make a value leave the old one in place until they do; that is counted, and the part is
 * unhealthy meanwhile.
 */
final class Reloading<T> {
  private static final int MOST_BYTES = 1 << 20;

  /** A file and the key it came from. */
  record Source(String key, Path path) {
    static Source of(String key, String path) {
      try {
        if (!path.isBlank()) return new Source(key, Path.of(path));
      } catch (InvalidPathException e) {
        // told below
      }
      throw new InvalidConfig(key, "the path of a file");
    }
  }

  private final List<Source> sources;
  private final Function<List<String>, T> make;
  private final long interval;
  private final Context context;
  private final Context.Counter reloads;
  private final Context.Counter failures;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile T value;
  private volatile long looked;
  private List<String> last;
  private String problem = "";

  /**
   * Reads the files for the first time.
   *
   * @param make makes a value of the files' texts, in their order; throws InvalidConfig
   * @param interval 0 = never look again
   */
  Reloading(List<Source> sources, Function<List<String>, T> make, Duration interval, Context context) {
    this.sources = List.copyOf(sources);
    this.make = make;
    this.context = context;
    this.interval = sources.isEmpty() ? 0 : interval.toNanos();
    reloads = context.counter("credential_reloads", "1", "Changed files of certificates or credentials taken over");
    failures = context.counter("credential_reload_failures", "1",
        "Changed files of certificates or credentials that cannot be used; the old ones stay");
    last = read();
    value = make.apply(last);
    looked = context.now();
  }

  /** The newest good value. Reads the files if it is time to; a second thread does not wait for the first. */
  T get() {
    if (!due() || !reading.tryLock()) return value;
    try {
      if (due()) look();
    } finally {
      reading.unlock();
    }
    return value;
  }

  /** Reads the files now, whatever the interval; not if it is 0, nor while another thread does. */
  void reread() {
    if (interval == 0 || !reading.tryLock()) return;
    try {
      look();
    } finally {
      reading.unlock();
    }
  }

  private boolean due() {
    // A clock that was set back must not end the reloading.
    return interval > 0 && Math.abs(context.now() - looked) >= interval;
  }

  private void look() {
    looked = context.now();
    try {
      List<String> now = read();
      if (!now.equals(last)) {
        value = make.apply(now);
        last = now;
        reloads.add(1);
      }
      if (!problem.isEmpty()) context.healthy();
      problem = "";
    } catch (InvalidConfig e) {
      String now = e.key() + ": expected " + e.getMessage() + "; what was read before stays in use";
      if (!now.equals(problem)) failures.add(1);
      problem = now;
      context.unhealthy(now);
    }
  }

  private List<String> read() {
    List<String> texts = new ArrayList<>();
    for (Source s : sources) texts.add(read(s));
    return texts;
  }

  private static String read(Source source) {
    try (InputStream in = Files.newInputStream(source.path())) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length <= MOST_BYTES) return new String(bytes, StandardCharsets.UTF_8);
      throw new InvalidConfig(source.key(), "a file of at most 1 MiB; " + source.path() + " is larger");
    } catch (NoSuchFileException e) {
      throw new InvalidConfig(source.key(), "a file that exists; " + source.path() + " does not");
    } catch (IOException e) {
      String why = e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
      throw new InvalidConfig(source.key(), "a file this process may read; " + source.path() + ": " + why);
    }
  }
}
