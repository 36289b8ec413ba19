package io.mop.capture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** The machine, by its own files rather than those of a container that MOP is in. */
final class Host {
  /** Namespace that OpenTelemetry's semantic conventions give for service.instance.id. */
  private static final UUID INSTANCES = UUID.fromString("4d63009a-8d0f-11ee-aad7-4c796ed8e320");

  private final Map<String, String> attributes = new TreeMap<>();
  private final String identity;

  /** @param elsewhere root directory if that of the first process may not be looked at */
  Host(Path proc, ProcFs files, Path elsewhere) {
    Path first = proc.resolve("1/root");
    Path root = Files.isReadable(first.resolve("etc")) ? first : elsewhere;
    String id = Stream.of("etc/machine-id", "var/lib/dbus/machine-id")
        .flatMap(f -> line(root.resolve(f)).stream())
        .findFirst()
        .orElse("");
    identity = id + "/" + line(proc.resolve("sys/kernel/random/boot_id")).orElse("");
    files.hostName().ifPresent(name -> attributes.put("host.name", name));
    if (!id.isEmpty()) attributes.put("host.id", id);
    attributes.put("os.type", "linux");
  }

  private static Optional<String> line(Path file) {
    return ProcDetails.small(file).map(String::strip).filter(s -> !s.isEmpty());
  }

  /** Resource attributes of everything on this machine. */
  Map<String, String> attributes() {
    return attributes;
  }

  /**
   * The same for a process as long as it lives, whoever asks; another for each process of a service, as the conventions
   * want for the workers of an application server. Empty if the machine does not tell itself apart.
   */
  Optional<String> instance(int tgid, long startTime) {
    if (identity.equals("/")) return Optional.empty();
    return Optional.of(Uuid5.of(INSTANCES, identity + "/" + tgid + "/" + startTime).toString());
  }
}
