package io.mop.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LauncherTest {
  @TempDir Path dir;
  private final PrintStream stdout = System.out;
  private final PrintStream stderr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private TestHome home;

  @BeforeEach
  void redirect() throws Exception {
    home = new TestHome(dir.resolve("home"));
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setOut(stdout);
    System.setErr(stderr);
  }

  private int validate() throws Exception {
    Logs logs = Logs.install(Logs.Format.TEXT, Level.INFO);
    try {
      return Launcher.launch(Launch.validate(home.path(), "test", dir.resolve("mop.yaml")));
    } finally {
      logs.close();
    }
  }

  @Test
  void runsTheCommandAndReturnsItsCode() throws Exception {
    home.commands("run=0,validate=3");
    assertThat(validate()).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("validate config=" + dir.resolve("mop.yaml") + " state=")
        .endsWith("bundle stopped\n")
        .doesNotContain("run ");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    String first = out.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow();
    Path state = Path.of(first.replaceAll(".*state=", ""));
    assertThat(state.getFileName().toString()).startsWith("mop-");
    assertThat(state).as("the temporary state directory").doesNotExist();
  }

  /** Somebody who says when what happens, in the order of what the bundles say. */
  private Attendant attendant(CompletableFuture<Integer> stop) {
    return new Attendant() {
      @Override
      public void running(Path state) {
        System.out.println("running " + Files.isDirectory(state));
        stop.complete(7);
      }

      @Override
      public void drained() {
        System.out.println("drained");
      }
    };
  }

  @Test
  void anAttendantIsThereFromRunningToDrained() throws Exception {
    home.commands("run=0,stop=0,drain=0");
    CompletableFuture<Integer> stop = new CompletableFuture<>();
    Launch launch =
        new Launch("run", home.path(), "test", dir.resolve("mop.yaml"), Optional.empty(), Map.of(), true);
    assertThat(Launcher.launch(launch, stop, attendant(stop))).isEqualTo(7);
    assertThat(out.toString(StandardCharsets.UTF_8).lines().map(l -> l.replaceAll(" config=.*", "")))
        .containsExactly("run", "running true", "stop", "drain", "drained", "bundle stopped");
  }

  @Test
  void anAttendantIsNotThereForWhatDoesNotRun() throws Exception {
    home.commands("run=3");
    CompletableFuture<Integer> stop = new CompletableFuture<>();
    Launch launch =
        new Launch("run", home.path(), "test", dir.resolve("mop.yaml"), Optional.empty(), Map.of(), true);
    assertThat(Launcher.launch(launch, stop, attendant(stop))).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("running", "drained");
  }

  @Test
  void aCommandThatThrowsIsASentence() throws Exception {
    home.commands("validate=!mop.yaml:3: no receiver");
    LaunchException problem = catchThrowableOfType(LaunchException.class, this::validate);
    assertThat(problem).hasMessage("mop.yaml:3: no receiver");
    assertThat(problem.exitCode()).isEqualTo(1);
  }

  @Test
  void reportsEveryBundleThatIsNotActiveAndSkipsFragments() throws Exception {
    home.commands("validate=0")
        .bundle("needy", Map.of("Import-Package", "org.example.absent"))
        .bundle("broken", Map.of("Bundle-Activator", TestCommand.Broken.class.getName()), TestCommand.Broken.class)
        .bundle("lazy", Map.of("Bundle-ActivationPolicy", "lazy"))
        .bundle("part", Map.of("Fragment-Host", "lazy"))
        .entry("absent");
    Files.writeString(home.path().resolve("bundles/garbage-1.0.0.jar"), "not a jar");
    home.entry("garbage");
    assertThat(validate()).isEqualTo(0);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4)
        .allMatch(line -> line.contains(" WARNING io.mop.launcher: Bundle ") && line.endsWith("."))
        .anyMatch(line -> line.contains("Bundle needy 1.0.0 is not resolved: ") && line.contains("org.example.absent"))
        .anyMatch(line ->
            line.endsWith("Bundle broken 1.0.0 is not started: java.lang.IllegalStateException: no battery."))
        .anyMatch(line -> line.contains("Bundle garbage 1.0.0 cannot be installed: "))
        .anyMatch(line -> line.endsWith("Bundle absent 1.0.0 is missing: there is no file "
            + home.path().resolve("bundles/absent-1.0.0.jar") + "."));
  }

  @Test
  void whereNoBundleOffersTheCommandTheReasonIsSaid() throws Exception {
    home.entry("absent");
    Feature feature = Feature.read(home.path().resolve("features/test.json"));
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("org.osgi.framework.storage", dir.resolve("felix").toString());
    try (OsgiRuntime osgi = OsgiRuntime.start(feature, home.path().resolve("bundles"), properties)) {
      assertThat(osgi.find("run")).isNull();
      LaunchException problem =
          catchThrowableOfType(LaunchException.class, () -> osgi.main("run", java.time.Duration.ofMillis(1)));
      assertThat(problem)
          .hasMessageStartingWith("No bundle of the feature offers the command \"run\"")
          .hasMessageContaining("mop.main=run")
          .hasMessageEndingWith("not in order: " + osgi.problems().get(0));
    }
  }

  @Test
  void aDirectoryWithoutBundlesIsNotADistribution() {
    LaunchException problem =
        catchThrowableOfType(
            LaunchException.class, () -> Launcher.launch(Launch.validate(dir.resolve("x"), "test", dir)));
    assertThat(problem).hasMessage("There is no MOP distribution in " + dir.resolve("x") + ".");
    assertThat(problem.exitCode()).isEqualTo(4);
  }
}
