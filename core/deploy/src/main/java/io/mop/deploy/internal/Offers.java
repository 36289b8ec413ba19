package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import io.mop.deploy.internal.Headers.Clause;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;
import org.osgi.framework.namespace.ExecutionEnvironmentNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** What this framework offers to a plugin: says what is missing in words, before anything is installed. */
final class Offers {
  private final BundleContext context;
  private final FrameworkWiring wiring;

  Offers(BundleContext context) {
    this.context = context;
    this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
  }

  void check(Inspection plugin) throws Refusal {
    for (Clause clause : plugin.imports()) {
      for (String name : clause.paths()) {
        if (!clause.optional() && !plugin.exports().contains(name)) checkPackage(plugin.file(), name, clause);
      }
    }
    for (Clause clause : plugin.needs()) {
      boolean atResolve = clause.directives().getOrDefault("effective", "resolve").equals("resolve");
      if (!clause.optional() && atResolve) {
        for (String namespace : clause.paths()) checkCapability(plugin.file(), namespace, clause);
      }
    }
  }

  private void checkPackage(String file, String name, Clause clause) throws Refusal {
    VersionRange range = range(file, name, clause.attributes().getOrDefault("version", "0.0.0"));
    List<Version> offered =
        find(PackageNamespace.PACKAGE_NAMESPACE, "(" + PackageNamespace.PACKAGE_NAMESPACE + "=" + name + ")").stream()
            .filter(c -> !c.getRevision().getBundle().getLocation().startsWith(Bundles.SCHEME))
            .map(c -> (Version) c.getAttributes().get(PackageNamespace.CAPABILITY_VERSION_ATTRIBUTE))
            .distinct()
            .sorted()
            .toList();
    if (offered.stream().anyMatch(range::includes)) return;
    if (offered.isEmpty()) {
      throw new Refusal(file + " needs the package " + name
          + ", which this MOP does not offer: put it into the plugin, or import it with resolution:=optional");
    }
    throw new Refusal(file + " needs " + name + " " + words(clause.attributes().get("version"), range)
        + "; this MOP offers " + offered.stream().map(Version::toString).collect(Collectors.joining(" and "))
        + ": rebuild it or upgrade MOP");
  }

  private static String words(String written, VersionRange range) {
    return range.getRight() == null ? range.getLeft() + " or later" : written;
  }

  private static VersionRange range(String file, String name, String version) throws Refusal {
    try {
      return new VersionRange(version);
    } catch (IllegalArgumentException e) {
      throw new Refusal(
          file + " imports " + name + " with version " + version + ", expected a form like [1.0,2)");
    }
  }

  private void checkCapability(String file, String namespace, Clause clause) throws Refusal {
    String filter = clause.directives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE);
    try {
      if (filter != null) context.createFilter(filter);
    } catch (InvalidSyntaxException e) {
      throw new Refusal(file + " requires " + namespace + " with a filter that cannot be read: " + filter);
    }
    if (!find(namespace, filter).isEmpty()) return;
    if (namespace.equals(ExecutionEnvironmentNamespace.EXECUTION_ENVIRONMENT_NAMESPACE)) {
      throw new Refusal(file + " needs a Java platform with " + filter + "; this is Java "
          + Runtime.version().feature());
    }
    throw new Refusal(file + " needs the capability " + namespace + (filter == null ? "" : " " + filter)
        + ", which no bundle of this MOP offers");
  }

  private List<BundleCapability> find(String namespace, String filter) {
    return List.copyOf(wiring.findProviders(new Wanted(namespace, filter)));
  }

  private static final class Wanted implements Requirement {
    private final String namespace;
    private final Map<String, String> directives;

    Wanted(String namespace, String filter) {
      this.namespace = namespace;
      this.directives = filter == null ? Map.of() : Map.of(Namespace.REQUIREMENT_FILTER_DIRECTIVE, filter);
    }

    @Override
    public String getNamespace() {
      return namespace;
    }

    @Override
    public Map<String, String> getDirectives() {
      return directives;
    }

    @Override
    public Map<String, Object> getAttributes() {
      return Map.of();
    }

    @Override
    public Resource getResource() {
      return null; // Allowed for findProviders: a requirement of nobody.
    }
  }
}
