package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.launcher.Feature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is in the distribution is what its lists say. */
class DistributionTest {
  private static final Pattern WORK =
      Pattern.compile("^([\\w.\\-]+):([\\w.\\-]+):([\\w.\\-]+)\\s+(\\S+)\\s+https://\\S+$");

  @Test
  void bundlesAndFeaturesNameTheSame() throws Exception {
    Set<String> named = new TreeSet<>();
    for (Feature feature : Distribution.features()) {
      List<String> files = feature.bundles().stream().map(Feature.Entry::file).toList();
      assertThat(files).as("bundles of %s", feature.id()).doesNotHaveDuplicates();
      named.addAll(files);
    }
    assertThat(Distribution.files("bundles", ".jar").stream().map(file -> file.getFileName().toString()))
        .as("bundles/ (dependencies in distribution/pom.xml) against features/*.json")
        .containsExactlyElementsOf(named);
  }

  @Test
  void everyBundleIsOne() throws Exception {
    for (Path file : Distribution.files("bundles", ".jar")) {
      try (JarFile jar = new JarFile(file.toFile())) {
        assertThat(jar.getManifest().getMainAttributes().getValue("Bundle-SymbolicName"))
            .as(file.toString())
            .isNotNull();
      }
    }
  }

  @Test
  void startOrdersAreByKind() throws Exception {
    for (Feature feature : Distribution.features()) {
      for (Feature.Entry entry : feature.bundles()) {
        boolean plugin = entry.artifact().matches("io\\.mop\\.(plugins|exporters)\\..*");
        boolean ours = entry.group().equals("io.mop") && !entry.artifact().startsWith("io.mop.lib.");
        assertThat(entry.startOrder())
            .as("start-order of %s", entry.artifact())
            .isIn(plugin ? List.of(30) : ours ? List.of(20) : List.of(1, 10));
      }
    }
  }

  @Test
  void everyWorkOfOthersIsListedWithItsLicence() throws Exception {
    Set<String> listed = new TreeSet<>();
    Set<String> licences = new TreeSet<>();
    for (String line : Files.readAllLines(Distribution.HOME.resolve("third-party/THIRD-PARTY.txt"))) {
      Matcher work = WORK.matcher(line);
      if (work.matches()) {
        listed.add(work.group(2) + "-" + work.group(3) + ".jar");
        licences.add(work.group(4));
      }
    }
    List<Path> jars = new ArrayList<>(Distribution.files("bundles", ".jar"));
    jars.addAll(Distribution.files("lib", ".jar"));
    jars.addAll(Distribution.files("demo", ".jar"));
    assertThat(jars.stream().map(file -> file.getFileName().toString())
            .filter(name -> !name.startsWith("io.mop.")).sorted())
        .as("jars of others against distribution/src/main/third-party/THIRD-PARTY.txt")
        .containsExactlyElementsOf(listed);
    for (String licence : licences) {
      Path text = Distribution.HOME.resolve("third-party/licenses").resolve(licence + ".txt");
      assertThat(text).exists();
      assertThat(Files.size(text)).as(text.toString()).isGreaterThan(1_000);
    }
  }

  @Test
  void everyNoticeInAJarIsBesideItToo() throws Exception {
    int notices = 0;
    List<Path> jars = new ArrayList<>(Distribution.files("bundles", ".jar"));
    jars.addAll(Distribution.files("lib", ".jar"));
    jars.addAll(Distribution.files("demo", ".jar"));
    for (Path file : jars) {
      String artifact = file.getFileName().toString().replaceAll("-\\d.*", "");
      if (artifact.startsWith("io.mop.")) {
        continue;
      }
      try (JarFile jar = new JarFile(file.toFile()); Stream<JarEntry> entries = jar.stream()) {
        for (JarEntry entry : entries.filter(e -> e.getName().matches("META-INF/(NOTICE|LICENSE).*")).toList()) {
          if (!entry.isDirectory()) {
            assertThat(Distribution.HOME.resolve("third-party").resolve(artifact).resolve(entry.getName()))
                .hasBinaryContent(jar.getInputStream(entry).readAllBytes());
            notices++;
          }
        }
      }
    }
    assertThat(notices).isGreaterThan(10);
  }

  @Test
  void hasPlacesForPluginsAndTheLicence() {
    assertThat(Distribution.HOME.resolve("plugins")).isEmptyDirectory();
    assertThat(Distribution.HOME.resolve("LICENSE")).isNotEmptyFile();
  }
}
