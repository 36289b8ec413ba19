package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.header.Attrs;
import aQute.bnd.header.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house rules, on the manifests of the bundles that are shipped: who may depend on whom. */
class HouseTest {
  /** api ← otlp ← engine ← {config, deploy, capture, queue, telemetry} ← shell; capture ← bpf. */
  private static final Map<String, Set<String>> MAY_USE =
      Map.of(
          "io.mop.api", Set.of(),
          "io.mop.otlp", Set.of("io.mop.api"),
          "io.mop.engine", Set.of("io.mop.api", "io.mop.otlp"),
          "io.mop.config", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine"),
          "io.mop.deploy", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine"),
          "io.mop.capture", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine"),
          "io.mop.queue", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine"),
          "io.mop.telemetry", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine"),
          "io.mop.shell",
              Set.of(
                  "io.mop.api", "io.mop.otlp", "io.mop.engine", "io.mop.config", "io.mop.deploy", "io.mop.capture",
                  "io.mop.queue", "io.mop.telemetry"),
          "io.mop.bpf", Set.of("io.mop.api", "io.mop.otlp", "io.mop.engine", "io.mop.capture"));

  /** @param dynamic DynamicImport-Package, Require-Bundle or Fragment-Host: ways round an import */
  private record Bundle(String name, Parameters imports, Parameters exports, List<String> dynamic) {
    boolean core() {
      return MAY_USE.containsKey(name);
    }

    /** Wraps a library that is no bundle upstream. */
    boolean library() {
      return name.startsWith("io.mop.lib.");
    }
  }

  private static final Map<String, Bundle> BUNDLES = new TreeMap<>();
  /** Package to the bundle that exports it. */
  private static final Map<String, String> EXPORTER = new TreeMap<>();

  @BeforeAll
  static void read() throws Exception {
    for (Path file : Distribution.files("bundles", ".jar")) {
      try (JarFile jar = new JarFile(file.toFile())) {
        var main = jar.getManifest().getMainAttributes();
        String name = new Parameters(main.getValue("Bundle-SymbolicName")).keySet().iterator().next();
        if (name.startsWith("io.mop.")) {
          List<String> dynamic = new ArrayList<>();
          for (String header : List.of("DynamicImport-Package", "Require-Bundle", "Fragment-Host")) {
            if (main.getValue(header) != null) {
              dynamic.add(header);
            }
          }
          Bundle bundle =
              new Bundle(
                  name,
                  new Parameters(main.getValue("Import-Package")),
                  new Parameters(main.getValue("Export-Package")),
                  dynamic);
          assertThat(BUNDLES.put(name, bundle)).as("second bundle %s", name).isNull();
        }
      }
    }
    for (Bundle bundle : BUNDLES.values()) {
      for (String exported : bundle.exports().keySet()) {
        assertThat(EXPORTER.put(exported, bundle.name()))
            .as("second exporter of %s beside %s", exported, bundle.name())
            .isNull();
      }
    }
  }

  private static Set<String> uses(Bundle bundle) {
    Set<String> uses = new TreeSet<>();
    for (String imported : bundle.imports().keySet()) {
      String exporter = EXPORTER.get(imported);
      if (exporter != null && !exporter.equals(bundle.name())) {
        uses.add(exporter);
      }
    }
    return uses;
  }

  @Test
  void thereAreBundlesToCheck() {
    assertThat(BUNDLES.keySet())
        .contains("io.mop.api", "io.mop.otlp", "io.mop.engine", "io.mop.config", "io.mop.capture", "io.mop.bpf",
            "io.mop.shell");
    assertThat(EXPORTER)
        .containsEntry("io.mop.api.plugin", "io.mop.api")
        .containsEntry("io.mop.control", "io.mop.engine");
    assertThat(uses(BUNDLES.get("io.mop.shell"))).as("what the check sees").contains("io.mop.engine");
  }

  @Test
  void coreBundlesUseOnlyWhatIsBelowThem() {
    for (Bundle bundle : BUNDLES.values()) {
      if (bundle.core()) {
        assertThat(MAY_USE.get(bundle.name())).as("what %s may use", bundle.name()).containsAll(uses(bundle));
      }
    }
  }

  @Test
  void everyOtherBundleIsAPluginAndUsesTheApiOnly() {
    for (Bundle bundle : BUNDLES.values()) {
      if (!bundle.core() && !bundle.library()) {
        assertThat(bundle.name()).matches("io\\.mop\\.(plugins|exporters)\\..+");
        assertThat(bundle.imports().keySet().stream().filter(p -> p.startsWith("io.mop.")))
            .as("imports of %s", bundle.name())
            .allMatch(p -> p.equals("io.mop.api") || p.startsWith("io.mop.api."));
        assertThat(bundle.exports().keySet()).as("exports of %s", bundle.name()).isEmpty();
      }
    }
  }

  @Test
  void aLibraryHoldsNothingOfMop() {
    assertThat(BUNDLES.values()).anyMatch(Bundle::library);
    for (Bundle bundle : BUNDLES.values()) {
      if (bundle.library()) {
        assertThat(bundle.imports().keySet()).as("imports of %s", bundle.name()).noneMatch(p -> p.startsWith("io.mop"));
        assertThat(bundle.exports().keySet()).as("exports of %s", bundle.name()).noneMatch(p -> p.startsWith("io.mop"));
      }
    }
  }

  @Test
  void onlyBpfUsesJna() {
    for (Bundle bundle : BUNDLES.values()) {
      if (!bundle.name().equals("io.mop.bpf")) {
        assertThat(bundle.imports().keySet())
            .as("imports of %s", bundle.name())
            .noneMatch(p -> p.equals("com.sun.jna") || p.startsWith("com.sun.jna."));
      }
    }
  }

  @Test
  void everyImportOfMopIsExportedByOneOfItsBundles() {
    for (Bundle bundle : BUNDLES.values()) {
      assertThat(bundle.imports().keySet().stream().filter(p -> p.startsWith("io.mop.")))
          .as("imports of %s", bundle.name())
          .allMatch(EXPORTER::containsKey);
    }
  }

  @Test
  void internalPackagesAreNotExportedAndExportsHaveAVersion() {
    for (Bundle bundle : BUNDLES.values()) {
      for (Map.Entry<String, Attrs> export : bundle.exports().entrySet()) {
        assertThat(export.getKey().split("\\.")).as("package exported by %s", bundle.name()).doesNotContain("internal");
        assertThat(export.getValue().getVersion()).as("version of %s", export.getKey()).isNotNull();
      }
    }
  }

  @Test
  void nobodyGoesRoundImports() {
    for (Bundle bundle : BUNDLES.values()) {
      assertThat(bundle.dynamic()).as("headers of %s", bundle.name()).isEmpty();
    }
  }

  @Test
  void thereIsNoCycle() {
    Map<String, Set<String>> left = new TreeMap<>();
    BUNDLES.values().forEach(bundle -> left.put(bundle.name(), uses(bundle)));
    boolean found = true;
    while (found) {
      Set<String> free = new TreeSet<>();
      left.forEach((name, uses) -> {
        if (uses.stream().noneMatch(left::containsKey)) {
          free.add(name);
        }
      });
      left.keySet().removeAll(free);
      found = !free.isEmpty();
    }
    assertThat(left).as("bundles in or above a cycle").isEmpty();
  }
}
