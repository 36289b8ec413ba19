package io.mop.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;

/**
 * What a bundle says in Provide-Capability and Require-Capability in namespaces that begin with {@code mop.}, e.g.
 * which Linux capabilities it wants.
 *
 * @param provided e.g. {@code mop.linux.cap{name=BPF}}
 * @param required e.g. {@code mop.endpoint(port=4317)}
 */
record Capabilities(List<String> provided, List<String> required) {
  private static final String NAMESPACE = "mop.";
  static final Capabilities NONE = new Capabilities(List.of(), List.of());

  /** @param bundle null for one that was uninstalled meanwhile */
  static Capabilities of(Bundle bundle) {
    BundleRevision revision = bundle == null ? null : bundle.adapt(BundleRevision.class);
    if (revision == null) {
      return NONE;
    }
    List<String> provided = new ArrayList<>();
    for (Capability c : revision.getCapabilities(null)) {
      if (c.getNamespace().startsWith(NAMESPACE)) {
        provided.add(c.getNamespace() + attributes(c.getAttributes()));
      }
    }
    List<String> required = new ArrayList<>();
    for (Requirement r : revision.getRequirements(null)) {
      if (r.getNamespace().startsWith(NAMESPACE)) {
        required.add(
            r.getNamespace() + r.getDirectives().getOrDefault("filter", "") + attributes(r.getAttributes())
                + ("optional".equals(r.getDirectives().get("resolution")) ? " if there" : ""));
      }
    }
    return new Capabilities(List.copyOf(provided), List.copyOf(required));
  }

  private static String attributes(Map<String, Object> attributes) {
    return attributes.isEmpty()
        ? ""
        : new TreeMap<>(attributes)
            .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(",", "{", "}"));
  }

  /** For a table. */
  String text() {
    List<String> all = new ArrayList<>(provided);
    required.forEach(r -> all.add("needs " + r));
    return all.isEmpty() ? "-" : String.join(", ", all);
  }
}
