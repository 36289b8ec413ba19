package io.mop.bpf;

import static io.mop.api.plugin.Provides.Kind.RECEIVER;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Size;
import io.mop.control.Defaults;
import io.mop.control.PluginCatalog;
import io.mop.control.Why;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Receiver {@code ebpf}: sees what the selected processes of this machine send and receive, without changing them. */
@Component(service = {Plugin.class, Why.class})
@Provides(kind = RECEIVER, name = "ebpf")
public final class EbpfPlugin implements Plugin<EbpfPlugin.Config>, Why {
  private final RecordReader.Factory readers;
  private final Set<EbpfReceiver> receivers = ConcurrentHashMap.newKeySet();

  @Activate
  public EbpfPlugin(@Reference PluginCatalog catalog, @Reference Defaults defaults) {
    this((config, bits, context, intake) ->
        new CaptureReader(config, bits, context, intake, catalog, defaults).recordsTo(config.record()));
  }

  EbpfPlugin(RecordReader.Factory readers) {
    this.readers = readers;
  }

  /** Where in the kernel the programs look. */
  public enum Hook {
    /** The first of the others that this kernel has. */
    AUTO,
    /** The socket tracepoints, Linux 6.3 and later: without cost for system calls that are not on sockets. */
    SOCK,
    /** The exit of every system call: costs each of every process a little. */
    SYS_EXIT
  }

  /** What becomes of the spans of processes that have an OpenTelemetry SDK, and make spans of the same calls. */
  public enum OwnSdk {
    /** They are left out, counted. */
    SUPPRESS,
    /** They are kept. */
    KEEP
  }

  /**
   * Keys of {@code receivers.ebpf}.
   *
   * @param select processes to observe: those that any of the rules names; none = nothing is observed
   * @param ring memory between kernel and collector, 64 KiB to 256 MiB, a power of two
   * @param drainInterval longest time that a record waits to be read, 1 ms to 1 s
   * @param hook where in the kernel the programs look
   * @param edges whether connections that no decoder reads become spans too
   * @param tls whether the plaintext of processes that use OpenSSL is read in the library
   * @param ownSdk what becomes of the spans of processes that have an SDK of their own
   * @param metricsInterval how often histograms of durations are handed on; 0 = they are not made
   * @param record where what passes is recorded as well
   */
  public record Config(
      @Key(doc = "Processes to observe: those that any of the rules names, and their children.") List<Rule> select,
      @Key(doc = "Memory between the kernel and MOP, a power of two.", value = "16MiB", min = 64 << 10, max = 256 << 20)
          Size ring,
      @Key(doc = "Longest time that a record waits to be read.", value = "50ms", min = 1_000_000, max = 1_000_000_000)
          Duration drainInterval,
      @Key(doc = "Where in the kernel the programs look.", value = "auto") Hook hook,
      @Key(doc = "Whether connections that no decoder reads become spans too.", value = "true") boolean edges,
      @Key(doc = "Whether plaintext is read in the OpenSSL of selected processes.", value = "true") boolean tls,
      @Key(doc = "Spans of processes that have an OpenTelemetry SDK of their own.", value = "suppress")
          OwnSdk ownSdk,
      @Key(doc = "How often histograms of durations go to metrics pipelines; 0 = never.", value = "10s", min = 0)
          Duration metricsInterval,
      @Key(doc = "Writes what passes on connections into a file as well.") Optional<Recording> record) {
    public Config {
      select = List.copyOf(select);
      for (int i = 0; i < select.size(); i++) select.get(i).check("select[" + i + "]");
      if (ring.bytes() < 64 << 10 || ring.bytes() > 256 << 20 || Long.bitCount(ring.bytes()) != 1) {
        String found = ", found " + ring.bytes() + " bytes";
        throw new InvalidConfig("ring", "expected a power of two from 64KiB to 256MiB" + found);
      }
      if (metricsInterval.isNegative()) throw new InvalidConfig("metrics_interval", "expected 0 or more");
      if (drainInterval.toMillis() < 1 || drainInterval.compareTo(Duration.ofSeconds(1)) > 0) {
        throw new InvalidConfig("drain_interval", "expected 1ms to 1s, found " + drainInterval.toMillis() + "ms");
      }
    }
  }

  /**
   * A recording for {@code @ReplayTest}.
   *
   * @param file is made, and must not be there
   * @param raw whether values are in it, credentials too
   * @param maxSize what does not fit is left out
   * @param connections the first so many are recorded
   */
  public record Recording(
      @Key(doc = "A new file, which only its owner may read.") String file,
      @Key(doc = "Whether nothing is masked, credentials neither.", value = "false") boolean raw,
      @Key(doc = "Size of the file; what does not fit is left out.", value = "64MiB", min = 4096, max = 1L << 40)
          Size maxSize,
      @Key(doc = "The first so many connections are recorded.", value = "1000", min = 1, max = 1_000_000)
          int connections) {
    public Recording {
      if (file.isBlank()) throw new InvalidConfig("record.file", "expected a path");
    }
  }

  /**
   * Names processes: those that meet all keys that are there. In patterns {@code *} stands for any text, {@code ?} for
   * any character.
   *
   * @param port they listen on this TCP port
   * @param pid this process, 2 or more
   * @param exe the path of their program matches
   * @param command their arguments, joined by one blank each, match
   * @param cgroup they are in a group of cgroup v2 whose path matches, or below one
   * @param container they are in a container of this id, of which 12 digits suffice, or whose name matches
   */
  public record Rule(
      @Key(doc = "Processes that listen on this TCP port.", min = 1, max = 65535) Optional<Integer> port,
      @Key(doc = "One process.", min = 2, max = SelectionBitmap.TGIDS - 1) Optional<Integer> pid,
      @Key(doc = "Processes whose program's path matches, such as */nginx.") Optional<String> exe,
      @Key(doc = "Processes whose arguments, joined by blanks, match, such as '*java * -jar *shop.jar*'.")
          Optional<String> command,
      @Key(doc = "Processes in the cgroup v2 whose path matches, such as /system.slice/nginx.service, or below.")
          Optional<String> cgroup,
      @Key(doc = "Processes in the container of this id, 12 digits or more of it, or of this name.")
          Optional<String> container) {
    private static final int MAX_PATTERN = 4096;

    private void check(String key) {
      if (Stream.of(port, pid, exe, command, cgroup, container).allMatch(Optional::isEmpty)) {
        throw new InvalidConfig(key, "expected one or more of port, pid, exe, command, cgroup and container");
      }
      if (port.filter(p -> p < 1 || p > 65535).isPresent()) {
        throw new InvalidConfig(key + ".port", "expected 1 to 65535");
      }
      // Not 1: as children are followed, that would observe every service started later.
      if (pid.filter(p -> p < 2 || p >= SelectionBitmap.TGIDS).isPresent()) {
        throw new InvalidConfig(key + ".pid", "expected 2 to " + (SelectionBitmap.TGIDS - 1));
      }
      pattern(key + ".exe", exe, "a path or pattern");
      pattern(key + ".command", command, "a pattern");
      pattern(key + ".cgroup", cgroup, "a path or pattern");
      pattern(key + ".container", container, "an id, a name or a pattern");
      // Others match no path that there is; every process is in the root.
      if (cgroup.filter(g -> !g.matches("(?s)/.*[^/]|\\*.*(?<!/)")).isPresent()) {
        throw new InvalidConfig(key + ".cgroup", "expected / or * first, no / last, and not the root");
      }
    }

    private static void pattern(String key, Optional<String> pattern, String expected) {
      if (pattern.filter(p -> p.isBlank() || p.length() > MAX_PATTERN).isPresent()) {
        throw new InvalidConfig(key, "expected " + expected + " of up to " + MAX_PATTERN + " characters");
      }
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Receiver create(Config config, Context context) {
    EbpfReceiver receiver = new EbpfReceiver(config, context, readers, receivers::remove);
    receivers.add(receiver);
    return receiver;
  }

  @Override
  public List<Answer> process(int pid) {
    return receivers.stream().map(r -> r.why(w -> w.process(pid))).toList();
  }

  @Override
  public List<Answer> port(int port) {
    return receivers.stream().map(r -> r.why(w -> w.port(port))).toList();
  }
}
