package io.mop.capture;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Processes by /proc. What it has read of a process is kept until the process is gone; that a tgid is still the same
 * process is checked by its start time, at most once a second. Short-lived processes are named in time if {@link
 * #resource} is called when they are selected. For all threads.
 *
 * <p>{@code service.name} is OTEL_SERVICE_NAME, else that of OTEL_RESOURCE_ATTRIBUTES, else the executable's name.
 */
public final class ProcProcesses implements Processes {
  private static final long FRESH = 1_000_000_000;
  private static final int SWEEP = 64;
  private static final int MAX = 4096;

  private final ProcFs proc;
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
    this.proc = new ProcFs(proc);
  }

  @Override
  public Resource resource(int tgid) {
    return known(tgid).resource;
  }

  @Override
  public synchronized boolean listens(int tgid, int port) {
    Known k = known(tgid);
    if (k.listening.contains(port)) return true;
    long now = System.nanoTime();
    if (now - k.listeningRead <= FRESH) return false;
    k.listening = Set.copyOf(proc.listening(tgid).values());
    k.listeningRead = now;
    return k.listening.contains(port);
  }

  @Override
  public int tgid(int tid) {
    return proc.tgid(tid);
  }

  private synchronized Known known(int tgid) {
    long now = System.nanoTime();
    Known k = known.get(tgid);
    if (k != null && now - k.checked <= FRESH) return k;
    OptionalLong start = proc.startTime(tgid);
    if (k != null && (start.isEmpty() || start.getAsLong() == k.resource.startTime())) {
      k.checked = now;
      return k;
    }
    if (++misses % SWEEP == 0 || known.size() >= MAX) sweep();
    k = new Known(new Resource(tgid, start.orElse(0), attributes(tgid)), now);
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

  private Map<String, String> attributes(int tgid) {
    Map<String, String> a = new HashMap<>();
    Optional<String> executable = proc.executableName(tgid);
    executable.ifPresent(name -> a.put("process.executable.name", name));
    if (tgid != 0) a.put("process.pid", Integer.toString(tgid));
    proc.hostName().ifPresent(name -> a.put("host.name", name));
    a.put("service.name", serviceName(tgid).or(() -> executable).orElse("unknown_service"));
    return a;
  }

  private Optional<String> serviceName(int tgid) {
    return proc.environment(tgid, "OTEL_SERVICE_NAME")
        .filter(s -> !s.isBlank())
        .or(() -> proc.environment(tgid, "OTEL_RESOURCE_ATTRIBUTES").flatMap(ProcProcesses::serviceName));
  }

  /** From {@code key=value,…} with percent-encoded values, as the OpenTelemetry specification has it. */
  private static Optional<String> serviceName(String resourceAttributes) {
    for (String pair : resourceAttributes.split(",")) {
      int eq = pair.indexOf('=');
      if (eq < 0 || !pair.substring(0, eq).strip().equals("service.name")) continue;
      String value = pair.substring(eq + 1).strip();
      try {
        String decoded = URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        return Optional.of(decoded).filter(s -> !s.isBlank());
      } catch (IllegalArgumentException e) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
