package io.mop.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Processes by /proc. What it has read of a process is kept until the process is gone; that a tgid is still the same
 * process is checked by its start time, at most once a second. Short-lived processes are named in time if {@link
 * #resource} is called when they are selected. For all threads.
 *
 * <p>{@code service.name} is the first that there is of: OTEL_SERVICE_NAME; that of OTEL_RESOURCE_ATTRIBUTES; what an
 * orchestrator says; the container's name; the systemd unit; the jar, main class, module or script; the executable,
 * by the name that it was called by; the name that the kernel has, of a process that is gone.
 */
public final class ProcProcesses implements Processes {
  private static final long FRESH = 1_000_000_000;
  private static final int SWEEP = 64;
  private static final int MAX = 4096;

  private final ProcFs proc;
  private final ProcessAttributes attributes;
  private final Map<Integer, Known> known = new LinkedHashMap<>(64, 0.75f, true);
  private int misses;

  private static final class Known {
    final Resource resource;
    long checked;
    Set<Integer> listening = Set.of();
    long listeningRead;

    Known(Resource resource, long now) {
      this.resource = resource;
      checked = now;
      listeningRead = now - FRESH - 1;
    }
  }

  /** @param proc a proc file system, {@code /proc} */
  public ProcProcesses(Path proc) {
    this(proc, container -> Map.of());
  }

  /**
   * @param workloads resource attributes that an orchestrator knows of a container by its id, perhaps with a {@code
   *     service.name}; called once for each process in a container
   */
  public ProcProcesses(Path proc, Function<String, Map<String, String>> workloads) {
    this(proc, workloads, Path.of("/"));
  }

  ProcProcesses(Path proc, Function<String, Map<String, String>> workloads, Path root) {
    this.proc = new ProcFs(proc);
    attributes = new ProcessAttributes(this.proc, new ProcDetails(proc), new Host(proc, this.proc, root), workloads);
  }

  @Override
  public Resource resource(int tgid) {
    return resource(tgid, "");
  }

  @Override
  public Resource resource(int tgid, String command) {
    return known(tgid, command).resource;
  }

  @Override
  public synchronized boolean listens(int tgid, int port) {
    Known k = known(tgid, "");
    if (k.listening.contains(port)) return true;
    long now = System.nanoTime();
    if (now - k.listeningRead <= FRESH) return false;
    k.listening = Set.copyOf(proc.listening(tgid).values());
    k.listeningRead = now;
    return k.listening.contains(port);
  }

  @Override
  public Optional<Set<Integer>> listening(int tgid) {
    try {
      return Optional.of(proc.listeningPorts(tgid));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public int tgid(int tid) {
    return proc.tgid(tid);
  }

  private synchronized Known known(int tgid, String command) {
    long now = System.nanoTime();
    Known k = known.get(tgid);
    if (k != null && now - k.checked <= FRESH) return k;
    OptionalLong start = proc.startTime(tgid);
    if (k != null && (start.isEmpty() || start.getAsLong() == k.resource.startTime())) {
      k.checked = now;
      return k;
    }
    if (++misses % SWEEP == 0 || known.size() >= MAX) sweep();
    k = new Known(new Resource(tgid, start.orElse(0), attributes.of(tgid, start.orElse(0), command)), now);
    if (tgid != 0) known.put(tgid, k);
    return k;
  }

  private void sweep() {
    known.values().removeIf(k -> {
      OptionalLong start = proc.startTime(k.resource.tgid());
      return start.isEmpty() || start.getAsLong() != k.resource.startTime();
    });
    var eldest = known.keySet().iterator();
    while (known.size() >= MAX) {
      eldest.next();
      eldest.remove();
    }
  }
}
