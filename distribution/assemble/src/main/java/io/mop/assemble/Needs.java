package io.mop.assemble;

import aQute.bnd.header.Attrs;
import aQute.bnd.header.OSGiHeader;
import aQute.bnd.header.Parameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;

/**
 * What the bundles of a feature need of a machine: the union of what their manifests declare in Provide-Capability.
 *
 * <table><caption>Namespaces and attributes</caption>
 * <tr><td>{@code mop.linux.cap}</td><td>{@code name}: a Linux capability without {@code CAP_}</td></tr>
 * <tr><td>{@code mop.host.namespace}</td><td>{@code name}: {@code pid} or {@code network}</td></tr>
 * <tr><td>{@code mop.host.mount}</td><td>{@code path}; {@code access}: {@code ro} (default) or {@code rw}</td></tr>
 * <tr><td>{@code mop.endpoint}</td><td>{@code name} (default: protocol-port), {@code port:Long}, {@code protocol}
 *     (grpc, http, tcp or udp), {@code direction} (in or out); the one called {@code health} or {@code telemetry}
 *     answers /healthz and /readyz</td></tr>
 * <tr><td>{@code mop.k8s.rule}</td><td>{@code apiGroups}, {@code resources}, {@code verbs}: lists</td></tr>
 * <tr><td>{@code mop.service.notify}</td><td>{@code protocol}: {@code systemd}, for sd_notify(3)</td></tr>
 * </table>
 *
 * @param capabilities without {@code CAP_}
 * @param namespaces of the host
 * @param mounts path on the host to whether it is written to
 * @param notifications protocols in which the service manager is told that MOP is ready
 */
record Needs(
    SortedSet<String> capabilities,
    SortedSet<String> namespaces,
    SortedMap<String, Boolean> mounts,
    SortedSet<Endpoint> endpoints,
    SortedSet<Rule> rules,
    SortedSet<String> notifications) {
  private static final Set<String> HEALTH = Set.of("health", "telemetry");
  private static final Comparator<Endpoint> BY_PORT =
      Comparator.comparing(Endpoint::port).thenComparing(Endpoint::name);
  private static final Comparator<Rule> BY_TEXT = Comparator.comparing(Rule::toString);

  /** @param name at most 15 characters, as of a container's port */
  record Endpoint(String name, int port, String protocol, String direction) {
    boolean listens() {
      return direction.equals("in");
    }

    /** Of the transport, as Kubernetes writes it. */
    String transport() {
      return protocol.equals("udp") ? "UDP" : "TCP";
    }
  }

  /** Rights in the Kubernetes API. */
  record Rule(List<String> apiGroups, List<String> resources, List<String> verbs) {}

  /** Where {@code /healthz} and {@code /readyz} are. */
  Optional<Endpoint> health() {
    return endpoints.stream().filter(e -> e.listens() && HEALTH.contains(e.name())).findFirst();
  }

  /** What applications and peers send to. */
  List<Endpoint> services() {
    return endpoints.stream().filter(e -> e.listens() && !HEALTH.contains(e.name())).toList();
  }

  static Needs of(List<Path> jars) throws IOException, AssembleException {
    Needs needs = new Needs(
        new TreeSet<>(), new TreeSet<>(), new TreeMap<>(), new TreeSet<>(BY_PORT), new TreeSet<>(BY_TEXT),
        new TreeSet<>());
    for (Path file : jars) {
      try (JarFile jar = new JarFile(file.toFile())) {
        if (jar.getManifest() == null) {
          continue;
        }
        String header = jar.getManifest().getMainAttributes().getValue("Provide-Capability");
        Parameters provided = OSGiHeader.parseHeader(header);
        for (Map.Entry<String, Attrs> capability : provided.entrySet()) {
          // A repeated name gets a ~ at its end.
          needs.add(capability.getKey().replaceAll("~+$", ""), capability.getValue());
        }
      } catch (IllegalArgumentException e) {
        throw new AssembleException(
            AssembleException.FAILURE, file.getFileName() + ": Provide-Capability: " + e.getMessage() + ".");
      }
    }
    return needs;
  }

  private void add(String namespace, Attrs attributes) {
    switch (namespace) {
      case "mop.linux.cap" -> capabilities.add(text(namespace, attributes, "name", "[A-Z][A-Z_]+"));
      case "mop.host.namespace" -> namespaces.add(text(namespace, attributes, "name", "pid|network"));
      case "mop.host.mount" -> {
        boolean written =
            attributes.containsKey("access") && text(namespace, attributes, "access", "ro|rw").equals("rw");
        mounts.merge(text(namespace, attributes, "path", "/[\\w./-]+"), written, Boolean::logicalOr);
      }
      case "mop.endpoint" -> endpoints.add(endpoint(namespace, attributes));
      case "mop.service.notify" -> notifications.add(text(namespace, attributes, "protocol", "systemd"));
      case "mop.k8s.rule" ->
          rules.add(
              new Rule(
                  list(namespace, attributes, "apiGroups", "[a-z0-9.]*"),
                  list(namespace, attributes, "resources", "[a-z/]+"),
                  list(namespace, attributes, "verbs", "get|list|watch")));
      default -> {
        if (namespace.startsWith("mop.")) {
          throw new IllegalArgumentException("unknown namespace " + namespace);
        }
      }
    }
  }

  private static Endpoint endpoint(String namespace, Attrs attributes) {
    int port = port(text(namespace, attributes, "port", "\\d{1,5}"));
    String protocol = text(namespace, attributes, "protocol", "grpc|http|tcp|udp");
    String name =
        attributes.containsKey("name")
            ? text(namespace, attributes, "name", "[a-z][a-z0-9-]{0,14}")
            : protocol + "-" + port;
    return new Endpoint(name, port, protocol, text(namespace, attributes, "direction", "in|out"));
  }

  private static int port(String text) {
    int port = Integer.parseInt(text);
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("mop.endpoint: port " + port + ", expected 1 to 65535");
    }
    return port;
  }

  private static String text(String namespace, Attrs attributes, String key, String pattern) {
    String value = attributes.get(key);
    if (value == null || !value.matches(pattern)) {
      throw new IllegalArgumentException(
          namespace + ": " + key + " is " + (value == null ? "missing" : value) + ", expected " + pattern);
    }
    return value;
  }

  private static List<String> list(String namespace, Attrs attributes, String key, String pattern) {
    List<String> values = List.of(text(namespace, attributes, key, "[\\w./,-]*").split(",", -1));
    for (String value : values) {
      if (!value.matches(pattern)) {
        throw new IllegalArgumentException(namespace + ": " + key + " is " + value + ", expected " + pattern);
      }
    }
    return values;
  }
}
