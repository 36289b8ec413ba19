package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import io.mop.deploy.internal.Headers.Clause;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * What the manifest of a plugin says, after every check that needs no framework.
 *
 * @param file name in the plugins directory
 * @param name symbolic name
 * @param imports of Import-Package, one package a clause or more
 * @param needs of Require-Capability
 * @param exports packages
 */
record Inspection(
    String file,
    String name,
    Version version,
    List<Clause> imports,
    List<Clause> needs,
    List<String> exports) {
  private static final int MANIFEST_LIMIT = 4 << 20;

  /** @param jar a copy that does not change */
  static Inspection of(String file, Path jar) throws Refusal {
    try {
      if (Files.size(jar) == 0) throw new Refusal(file + " is empty");
    } catch (IOException e) {
      throw new Refusal(file + " cannot be read: " + Sentences.of(e));
    }
    Attributes main;
    try (JarFile opened = new JarFile(jar.toFile(), false)) {
      main = manifest(file, opened).getMainAttributes();
      if (opened.stream().anyMatch(e -> e.getName().startsWith("io/mop/api/") && e.getName().endsWith(".class"))) {
        throw new Refusal(file + " contains a copy of io.mop.api: leave it out and import it");
      }
    } catch (IOException | RuntimeException e) {
      throw new Refusal(file + " is not a complete JAR file: " + Sentences.of(e));
    }
    return of(file, main);
  }

  private static Manifest manifest(String file, JarFile jar) throws IOException, Refusal {
    JarEntry entry = jar.getJarEntry(JarFile.MANIFEST_NAME);
    if (entry == null) throw new Refusal(file + " is not an OSGi bundle: it has no " + JarFile.MANIFEST_NAME);
    byte[] bytes;
    try (InputStream in = jar.getInputStream(entry)) {
      bytes = in.readNBytes(MANIFEST_LIMIT + 1);
    }
    if (bytes.length > MANIFEST_LIMIT) throw new Refusal(file + " has a manifest of more than 4 MiB");
    try {
      return new Manifest(new ByteArrayInputStream(bytes));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refusal(file + " has a manifest that cannot be read: " + Sentences.of(e));
    }
  }

  private static Inspection of(String file, Attributes main) throws Refusal {
    List<Clause> symbolic = clauses(file, main, Constants.BUNDLE_SYMBOLICNAME);
    if (symbolic.isEmpty()) {
      throw new Refusal(file + " is not an OSGi bundle: its manifest has no Bundle-SymbolicName");
    }
    String manifestVersion = main.getValue(Constants.BUNDLE_MANIFESTVERSION);
    if (!"2".equals(manifestVersion == null ? "" : manifestVersion.strip())) {
      throw new Refusal(file + " is not an OSGi bundle: Bundle-ManifestVersion is "
          + (manifestVersion == null ? "missing" : manifestVersion) + ", expected 2");
    }
    refuse(file, main, Constants.FRAGMENT_HOST, "a plugin is a bundle of its own, not a fragment");
    refuse(file, main, Constants.DYNAMICIMPORT_PACKAGE, "name the packages in Import-Package");
    refuse(file, main, Constants.BUNDLE_NATIVECODE, "plugins are pure Java");
    refuse(file, main, Constants.REQUIRE_BUNDLE, "name the packages in Import-Package");
    if ("true".equals(symbolic.get(0).directives().get(Constants.SINGLETON_DIRECTIVE))) {
      throw new Refusal(file + " is a singleton bundle: two versions must fit beside each other for a swap;"
          + " leave singleton:=true out");
    }
    List<Clause> imports = clauses(file, main, Constants.IMPORT_PACKAGE);
    for (Clause clause : imports) {
      for (String name : clause.paths()) checkImport(file, name);
    }
    List<String> exports =
        clauses(file, main, Constants.EXPORT_PACKAGE).stream().flatMap(c -> c.paths().stream()).toList();
    for (String name : exports) {
      if (within(name, "io.mop")) throw new Refusal(file + " exports " + name + ": only MOP exports io.mop packages");
    }
    if (main.getValue("Service-Component") == null && main.getValue(Constants.BUNDLE_ACTIVATOR) == null) {
      throw new Refusal(file + " registers no plugin: its manifest has no Service-Component;"
          + " a plugin is a class with @Component and @Provides");
    }
    return new Inspection(
        file,
        symbolic.get(0).paths().get(0),
        version(file, main),
        imports,
        clauses(file, main, Constants.REQUIRE_CAPABILITY),
        exports);
  }

  private static void checkImport(String file, String name) throws Refusal {
    if (within(name, "com.sun.jna")) {
      throw new Refusal(file + " imports " + name
          + ": only MOP's capture core calls native code, a plugin that does leaks memory at every update");
    }
    if (within(name, "io.mop") && !within(name, "io.mop.api")) {
      throw new Refusal(file + " imports " + name + ": plugins use packages of io.mop.api only");
    }
  }

  private static Version version(String file, Attributes main) throws Refusal {
    String version = main.getValue(Constants.BUNDLE_VERSION);
    try {
      return Version.parseVersion(version);
    } catch (IllegalArgumentException e) {
      throw new Refusal(file + " has Bundle-Version " + version + ", expected a form like 1.2.3 or 1.2.3.qualifier");
    }
  }

  private static void refuse(String file, Attributes main, String header, String instead) throws Refusal {
    if (main.getValue(header) != null) throw new Refusal(file + " has the header " + header + ": " + instead);
  }

  private static List<Clause> clauses(String file, Attributes main, String header) throws Refusal {
    try {
      return Headers.parse(main.getValue(header));
    } catch (IllegalArgumentException e) {
      throw new Refusal(file + " has a " + header + " that cannot be read: " + e.getMessage());
    }
  }

  private static boolean within(String name, String root) {
    return name.equals(root) || name.startsWith(root + ".");
  }
}
