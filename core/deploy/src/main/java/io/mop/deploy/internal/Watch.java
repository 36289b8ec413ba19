package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees files come and go in a directory. A file counts when it is complete: unchanged over two looks, not written to
 * for 2 s, or renamed from a name that was seen before. A file has gone when two looks did not see it, so that one
 * deleted and written again is not taken out. Not thread-safe, but for the thread that wakes.
 */
final class Watch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.mop.deploy");
  private static final Duration OLD = Duration.ofSeconds(2);

  /** What tells one content of a file from another without reading it. */
  record Stamp(long size, FileTime modified, Optional<Object> key) {
    private static Stamp of(BasicFileAttributes a) {
      return new Stamp(a.size(), a.lastModifiedTime(), Optional.ofNullable(a.fileKey()));
    }
  }

  /**
   * @param present names of all plugin files, complete or not
   * @param ready the complete ones
   */
  record Look(Set<String> present, Map<String, Stamp> ready) {
    boolean unsettled() {
      return ready.size() < present.size();
    }
  }

  private record Sighting(Stamp stamp, Instant since, boolean complete) {}

  private final Path directory;
  private final Duration settle;
  private final Map<String, Sighting> sightings = new HashMap<>();
  private final Map<String, Instant> missing = new HashMap<>();
  private final Set<String> arrived = new HashSet<>();
  private Map<Object, Stamp> keys = Map.of();
  private Map<String, Stamp> last = Map.of();
  private boolean settled;
  private WatchService service;
  private WatchKey registered;

  Watch(Path directory, Duration settle) {
    this.directory = directory;
    this.settle = settle;
  }

  /** Whether a file of that name is a plugin, not something half-written or hidden. */
  static boolean counts(String name) {
    return name.endsWith(".jar") && !name.startsWith(".");
  }

  /** Of a regular file; empty if there is none. */
  static Optional<Stamp> stamp(Path file) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isRegularFile() ? Optional.of(Stamp.of(attributes)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Renames at once, over what is there. */
  static void moveOver(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** That file is complete: the next look takes it. */
  void arrived(String name) {
    sightings.remove(name);
    arrived.add(name);
  }

  /** That file was deleted on purpose: the next look does not wait for it. */
  void deleted(String name) {
    sightings.remove(name);
    missing.remove(name);
  }

  /**
   * Makes the directory if it is not there.
   *
   * @throws Refusal if it cannot be read; nothing is known then, above all not that files have gone
   */
  Look look(Instant now) throws Refusal {
    settled = false;
    Map<String, Stamp> files = list();
    Map<Object, Stamp> keysNow = new HashMap<>();
    files.values().forEach(s -> s.key.ifPresent(k -> keysNow.put(k, s)));
    Map<String, Stamp> ready = new HashMap<>();
    Set<String> present = new HashSet<>();
    files.forEach(
        (name, stamp) -> {
          if (!counts(name)) return;
          present.add(name);
          Sighting sighting = sight(name, stamp, now);
          sightings.put(name, sighting);
          missing.remove(name);
          if (sighting.complete) ready.put(name, stamp);
        });
    for (String name : Set.copyOf(sightings.keySet())) {
      if (present.contains(name)) continue;
      Instant since = missing.computeIfAbsent(name, n -> now);
      if (settled(since, now)) {
        sightings.remove(name);
        missing.remove(name);
      } else {
        present.add(name);
      }
    }
    arrived.clear();
    keys = keysNow;
    last = files;
    Look look = new Look(present, ready);
    settled = !look.unsettled();
    return look;
  }

  /** Whether a look would see what the last one saw. */
  boolean same() {
    try {
      return settled && arrived.isEmpty() && list().equals(last);
    } catch (Refusal e) {
      return false;
    }
  }

  private Sighting sight(String name, Stamp stamp, Instant now) {
    Sighting before = sightings.get(name);
    if (before != null && before.complete && before.stamp.equals(stamp)) return before;
    boolean renamed = stamp.key.map(k -> stamp.equals(keys.get(k))).orElse(false)
        && (before == null || !before.stamp.key.equals(stamp.key));
    boolean old = stamp.modified.toInstant().isBefore(now.minus(OLD));
    if (arrived.contains(name) || renamed || old) return new Sighting(stamp, now, true);
    if (before == null || !before.stamp.equals(stamp)) return new Sighting(stamp, now, false);
    return new Sighting(stamp, before.since, settled(before.since, now));
  }

  private boolean settled(Instant since, Instant now) {
    // The absolute value: a clock that was set back must not keep a file waiting.
    return Duration.between(since, now).abs().compareTo(settle) >= 0;
  }

  private Map<String, Stamp> list() throws Refusal {
    if (!Files.exists(directory)) {
      try {
        Files.createDirectories(directory);
      } catch (IOException e) {
        throw new Refusal(
            "plugins directory " + directory + " does not exist and cannot be made: " + Sentences.of(e)
                + "; name another with mop.plugins");
      }
    }
    Map<String, Stamp> files = new HashMap<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        stamp(entry).ifPresent(s -> files.put(entry.getFileName().toString(), s));
      }
    } catch (IOException e) {
      throw unreadable(e);
    } catch (DirectoryIteratorException e) {
      throw unreadable(e.getCause());
    }
    return files;
  }

  private Refusal unreadable(IOException e) {
    return new Refusal("plugins directory " + directory + " cannot be read: " + Sentences.of(e)
        + "; name another with mop.plugins");
  }

  /** Calls {@code wake} on a thread of its own soon after a change; without it, looks see changes all the same. */
  void listen(Runnable wake) {
    try {
      if (service == null) {
        service = directory.getFileSystem().newWatchService();
        WatchService opened = service;
        Thread thread = new Thread(() -> forward(opened, wake), "mop-deploy-watch");
        thread.setDaemon(true);
        thread.start();
      }
      if (registered == null || !registered.isValid()) {
        registered = directory.register(
            service,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_MODIFY,
            StandardWatchEventKinds.ENTRY_DELETE);
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(System.Logger.Level.DEBUG, "No notification of changes in " + directory + ": it is polled", e);
    }
  }

  private static void forward(WatchService service, Runnable wake) {
    try {
      while (true) {
        WatchKey key = service.take();
        key.pollEvents();
        key.reset();
        wake.run();
      }
    } catch (ClosedWatchServiceException e) {
      // The end.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    if (service != null) service.close();
  }
}
