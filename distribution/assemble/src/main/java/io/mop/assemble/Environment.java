package io.mop.assemble;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * A file of {@code features/environments/}: the only place of a size, a replica count, an endpoint or a retention.
 *
 * @param domain of what is reached from outside of a cluster; {@code ${domain}} in endpoints
 * @param image with {@code ${role}} and {@code ${version}}; empty if it must be named
 * @param trust what becomes of a plugin that is neither signed nor listed: off, warn or require
 * @param gateway where agents send to, host:port
 * @param backend where gateways send to, host:port
 * @param storageClass of a gateway's state
 * @param storageSize of a gateway's state
 * @param retention by signal, for the embedded store; nothing in MOP keeps data yet
 */
record Environment(
    String name,
    String namespace,
    String domain,
    Optional<String> image,
    String trust,
    String logFormat,
    String logLevel,
    String gateway,
    String backend,
    String storageClass,
    String storageSize,
    Map<String, String> retention,
    Map<Role, Scale> roles) {

  /** @param cpu as Kubernetes writes it, e.g. 200m; @param memory e.g. 256Mi */
  record Resources(String cpu, String memory) {}

  /**
   * Sizes of one role. Without limits: what the machine has.
   *
   * @param drainSeconds from the order to stop until SIGTERM, in which peers learn of it
   * @param shutdownSeconds from SIGTERM until what is still held is given up
   */
  record Scale(
      int replicas, Optional<Resources> requests, Optional<Resources> limits, int drainSeconds, int shutdownSeconds) {
    Optional<Sizes> sizes() {
      return limits.map(limit -> Sizes.of(Quantity.mebibytes(limit.memory())));
    }
  }

  Environment {
    retention = Map.copyOf(retention);
    roles = Map.copyOf(roles);
  }

  Scale scale(Role role) {
    return roles.get(role);
  }

  static Environment read(Path directory, String name) throws AssembleException {
    Path file = directory.resolve(name + ".json");
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(file))) {
      return read(name, new Section(reader.readObject(), ""));
    } catch (NoSuchFileException e) {
      throw new AssembleException(AssembleException.NOT_FOUND, "There is no environment " + file + ".");
    } catch (IOException | JsonException | IllegalArgumentException e) {
      throw new AssembleException(AssembleException.FAILURE, file + ": " + e.getMessage() + ".");
    }
  }

  private static Environment read(String name, Section root) {
    String domain = root.text("domain", "[a-z0-9.-]+");
    Section log = root.section("log");
    Section endpoints = root.section("endpoints");
    Section storage = root.section("storage");
    Section retention = root.section("retention");
    Section scales = root.section("roles");
    Map<Role, Scale> roles = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      roles.put(role, scale(scales.section(role.id())));
    }
    scales.end();
    Environment environment =
        new Environment(
            name,
            root.text("namespace", "[a-z0-9-]{1,63}"),
            domain,
            root.optionalText("image"),
            root.text("trust", "off|warn|require"),
            log.text("format", "text|json"),
            log.text("level", "error|warning|info|debug|trace"),
            endpoint(endpoints, "gateway", domain),
            endpoint(endpoints, "backend", domain),
            storage.text("class", "[a-z0-9.-]+"),
            storage.text("size", "[1-9]\\d*(Mi|Gi|Ti)"),
            Map.of(
                "metrics", retention.text("metrics", "[1-9]\\d*[hd]"),
                "logs", retention.text("logs", "[1-9]\\d*[hd]"),
                "traces", retention.text("traces", "[1-9]\\d*[hd]")),
            roles);
    for (Section section : new Section[] {log, endpoints, storage, retention, root}) {
      section.end();
    }
    return environment;
  }

  private static String endpoint(Section endpoints, String key, String domain) {
    return endpoints.text(key, "[a-z0-9.${}-]+:[1-9]\\d{0,4}").replace("${domain}", domain);
  }

  private static Scale scale(Section role) {
    Scale scale =
        new Scale(
            role.number("replicas", 1, 1, 1000),
            resources(role, "requests"),
            resources(role, "limits"),
            role.number("drainSeconds", 0, 0, 3600),
            role.number("shutdownSeconds", 10, 1, 3600));
    role.end();
    scale.sizes();
    return scale;
  }

  private static Optional<Resources> resources(Section role, String key) {
    if (!role.has(key)) {
      return Optional.empty();
    }
    Section section = role.section(key);
    Resources resources = new Resources(section.text("cpu", ".+"), section.text("memory", ".+"));
    section.end();
    Quantity.millicpus(resources.cpu());
    Quantity.mebibytes(resources.memory());
    return Optional.of(resources);
  }
}
