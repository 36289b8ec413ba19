package io.mop.deploy.internal;

import static io.mop.deploy.Installation.State.ACTIVE;
import static io.mop.deploy.Installation.State.QUARANTINED;
import static io.mop.deploy.Installation.State.REFUSED;
import static io.mop.deploy.Installation.State.REPLACED;
import static io.mop.deploy.Installation.State.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.deploy.Installation;
import io.mop.deploy.Swap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/** Files come, change and go; the framework is real. */
class DeployerTest {
  @TempDir Path home;
  private Bench bench;

  @BeforeEach
  void open() throws Exception {
    bench = Bench.open(home);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  @Test
  void aFileDroppedInIsActive() throws Exception {
    byte[] jar = PluginJar.rename("1.0.0").bytes();
    bench.copy("rename.jar", jar);

    Installation record = bench.await("rename.jar", ACTIVE);

    assertThat(record.name()).isEqualTo("acme.rename");
    assertThat(record.version()).isEqualTo("1.0.0");
    assertThat(record.sha256()).isEqualTo(Store.sha256(jar));
    assertThat(record.plugins()).containsExactly("processors.rename");
    assertThat(bench.engine.used).containsExactly("1.0.0");
    assertThat(bench.bundles().get(1).getLocation()).isEqualTo("mop-plugin:acme.rename#" + record.sha256());
    assertThat(bench.deployer().swaps()).extracting(Swap::outcome).containsExactly(Swap.Outcome.INSTALLED);
  }

  @Test
  void filesThatAreThereAtTheStartAreInstalledWhenItReturns() throws Exception {
    bench.stop();
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());
    bench.copy("rename-2.jar", PluginJar.rename("2.0.0").bytes());
    bench.clock.advance(Duration.ofSeconds(5));

    bench.start();

    assertThat(bench.states()).containsExactly("rename-1.jar 1.0.0 STANDBY", "rename-2.jar 2.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("2.0.0");
  }

  @Test
  void aNewerFileReplacesAndTheOlderStaysForTheWindow() throws Exception {
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename-1.jar", ACTIVE);
    bench.copy("rename-2.jar", PluginJar.rename("2.0.0").bytes());
    bench.await("rename-2.jar", ACTIVE);

    assertThat(bench.installed()).containsExactly("1.0.0", "2.0.0");
    assertThat(bench.record("rename-1.jar", STANDBY)).get()
        .returns("2.0.0 from rename-2.jar is installed", Installation::reason);
    bench.clock.advance(Bench.WINDOW);
    bench.awaitInstalled("2.0.0");
    bench.awaitStates("rename-1.jar 1.0.0 STANDBY", "rename-2.jar 2.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void anOverwrittenFileIsReplaced() throws Exception {
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    bench.copy("rename.jar", PluginJar.rename("2.0.0").bytes());
    bench.awaitStates("rename.jar 1.0.0 REPLACED", "rename.jar 2.0.0 ACTIVE");

    assertThat(bench.record("rename.jar", REPLACED).orElseThrow().reason())
        .startsWith("replaced by 2.0.0; it stays until");
    bench.clock.advance(Bench.WINDOW);
    bench.awaitStates("rename.jar 2.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("2.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void aRebuiltSnapshotOfTheSameVersionReplaces() throws Exception {
    byte[] first = PluginJar.rename("1.0.0.SNAPSHOT").bytes();
    byte[] second = PluginJar.rename("1.0.0.SNAPSHOT").entry("note.txt", "rebuilt").bytes();
    bench.copy("rename.jar", first);
    bench.await("rename.jar", ACTIVE);
    bench.copy("rename.jar", second);
    Await.until(bench::states, () -> bench.record("rename.jar", ACTIVE)
        .filter(r -> r.sha256().equals(Store.sha256(second))).isPresent());

    assertThat(bench.engine.used).containsExactly("1.0.0.SNAPSHOT", "1.0.0.SNAPSHOT");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void anOlderVersionInPlaceReplacesToo() throws Exception {
    bench.copy("rename.jar", PluginJar.rename("2.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.awaitStates("rename.jar 1.0.0 ACTIVE", "rename.jar 2.0.0 REPLACED");

    assertThat(bench.engine.used).containsExactly("2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
    bench.clock.advance(Bench.WINDOW);
    bench.awaitStates("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("1.0.0");
  }

  @Test
  void anOlderVersionInPlaceThatTheEngineRefusesLeavesTheNewer() throws Exception {
    bench.engine.refuses.put("1.0.0", "cannot read rename/2");
    bench.copy("rename.jar", PluginJar.rename("2.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.awaitStates("rename.jar 1.0.0 REFUSED", "rename.jar 2.0.0 ACTIVE");

    assertThat(bench.record("rename.jar", REFUSED).orElseThrow().reason())
        .isEqualTo("rename.jar was refused by the engine: cannot read rename/2");
    assertThat(bench.record("rename.jar", ACTIVE).orElseThrow().reason())
        .isEqualTo("rename.jar no longer has this version: it is gone after a restart");
    assertThat(bench.installed()).containsExactly("2.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void aRemovedFileIsUninstalled() throws Exception {
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    Files.delete(bench.plugins.resolve("rename.jar"));

    bench.awaitStates();

    assertThat(bench.installed()).isEmpty();
    assertThat(bench.engine.used).containsExactly("1.0.0", "none");
    assertThat(bench.deployer().swaps().get(0).outcome()).isEqualTo(Swap.Outcome.REMOVED);
  }

  @Test
  void whenTheNewestFileIsRemovedTheStandbyTakesOverFirst() throws Exception {
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());
    bench.copy("rename-2.jar", PluginJar.rename("2.0.0").bytes());
    bench.awaitStates("rename-1.jar 1.0.0 STANDBY", "rename-2.jar 2.0.0 ACTIVE");
    bench.clock.advance(Bench.WINDOW);
    bench.awaitInstalled("2.0.0");
    Files.delete(bench.plugins.resolve("rename-2.jar"));

    bench.awaitStates("rename-1.jar 1.0.0 ACTIVE");

    bench.awaitInstalled("1.0.0");
    assertThat(bench.engine.used).endsWith("2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void aRenamedFileIsTheSamePlugin() throws Exception {
    bench.copy("a.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("a.jar", ACTIVE);
    Files.move(bench.plugins.resolve("a.jar"), bench.plugins.resolve("b.jar"), StandardCopyOption.ATOMIC_MOVE);

    bench.awaitStates("b.jar 1.0.0 ACTIVE");

    assertThat(bench.engine.used).containsExactly("1.0.0");
    assertThat(bench.deployer().swaps()).hasSize(1);
  }

  @Test
  void theSameContentTwiceIsOnePlugin() throws Exception {
    byte[] jar = PluginJar.rename("1.0.0").bytes();
    bench.copy("a.jar", jar);
    bench.await("a.jar", ACTIVE);
    bench.copy("b.jar", jar);
    Await.until(bench::states, () -> bench.states().size() == 2);

    assertThat(bench.installed()).containsExactly("1.0.0");
    Files.delete(bench.plugins.resolve("b.jar"));
    bench.awaitStates("a.jar 1.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("1.0.0");
  }

  @Test
  void aHalfWrittenFileIsNotInstalledAndIsWhenItIsWhole() throws Exception {
    byte[] jar = PluginJar.rename("1.0.0").bytes();
    bench.copy("rename.jar", Arrays.copyOf(jar, jar.length / 2));

    Installation half = bench.await("rename.jar", REFUSED);
    assertThat(half.reason()).startsWith("rename.jar is not a complete JAR file: ");
    assertThat(bench.installed()).isEmpty();
    Files.write(
        bench.plugins.resolve("rename.jar"), Arrays.copyOfRange(jar, jar.length / 2, jar.length),
        StandardOpenOption.APPEND);
    bench.awaitStates("rename.jar 1.0.0 ACTIVE");
  }

  @Test
  void filesBeingWrittenAndHiddenFilesAreNotLookedAt() throws Exception {
    byte[] jar = PluginJar.rename("1.0.0").bytes();
    for (String name : new String[] {".rename.jar", "rename.jar.part", "rename.jar.tmp", "rename.tmp", "readme.txt"}) {
      bench.copy(name, jar);
    }
    Files.createDirectory(bench.plugins.resolve("directory.jar"));
    Files.move(bench.plugins.resolve("rename.jar.part"), bench.plugins.resolve("rename.jar"));

    bench.awaitStates("rename.jar 1.0.0 ACTIVE");
  }

  @Test
  void whenTheEngineTurnsBackTheNewVersionGoesAndTheOldStays() throws Exception {
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename-1.jar", ACTIVE);
    bench.copy("rename-2.jar", PluginJar.rename("2.0.0").bytes());
    bench.await("rename-2.jar", ACTIVE);

    bench.engine.trip("2.0.0", "11 errors in 10 s");

    bench.awaitStates("rename-1.jar 1.0.0 ACTIVE", "rename-2.jar 2.0.0 REFUSED");
    assertThat(bench.record("rename-2.jar", REFUSED).orElseThrow().reason())
        .isEqualTo("rename-2.jar was taken back by the engine: 11 errors in 10 s");
    bench.awaitInstalled("1.0.0");
    bench.clock.advance(Bench.WINDOW);
    bench.copy("other.jar", PluginJar.of("acme.other", "1.0.0").with("Test-Name", "other").bytes());
    bench.await("other.jar", ACTIVE);
    bench.awaitStates("other.jar 1.0.0 ACTIVE", "rename-1.jar 1.0.0 ACTIVE", "rename-2.jar 2.0.0 REFUSED");
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
    assertThat(bench.plugins.resolve("rename-2.jar")).exists();
  }

  @Test
  void whenTheEngineTurnsBackFromAnOverwrittenFileTheOldStaysThoughItHasNoFile() throws Exception {
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    bench.copy("rename.jar", PluginJar.rename("2.0.0").bytes());
    bench.awaitStates("rename.jar 1.0.0 REPLACED", "rename.jar 2.0.0 ACTIVE");

    bench.engine.trip("2.0.0", "11 errors in 10 s");

    bench.awaitStates("rename.jar 1.0.0 ACTIVE", "rename.jar 2.0.0 REFUSED");
    Files.delete(bench.plugins.resolve("rename.jar"));
    bench.awaitStates();
    assertThat(bench.installed()).isEmpty();
  }

  @Test
  void afterTheWindowATrippedPluginStaysInQuarantineUntilReleasedOrUntilThereIsAnother() throws Exception {
    bench.copy("rename-2.jar", PluginJar.rename("2.0.0").bytes());
    bench.await("rename-2.jar", ACTIVE);
    bench.engine.trip("2.0.0", "11 errors in 10 s");
    assertThat(bench.await("rename-2.jar", QUARANTINED).reason()).isEqualTo("11 errors in 10 s");

    bench.engine.installed().forEach(i -> bench.engine.release(i.type()));
    bench.await("rename-2.jar", ACTIVE);
    bench.engine.trip("2.0.0", "12 errors in 10 s");
    bench.await("rename-2.jar", QUARANTINED);
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());

    bench.awaitStates("rename-1.jar 1.0.0 ACTIVE", "rename-2.jar 2.0.0 REFUSED");
    assertThat(bench.installed()).containsExactly("1.0.0");
  }

  @Test
  void twoPluginsOfOneNameSayWhichIsUsed() throws Exception {
    bench.copy("a.jar", PluginJar.of("acme.a", "1.0.0").bytes());
    bench.await("a.jar", ACTIVE);
    bench.copy("b.jar", PluginJar.of("acme.b", "3.0.0").bytes());
    bench.await("b.jar", ACTIVE);

    assertThat(bench.await("a.jar", STANDBY).reason()).isEqualTo("processors.rename is acme.b 3.0.0");
  }

  @Test
  void oneFileForAnotherPluginReplacesTheOneByTheOther() throws Exception {
    bench.copy("x.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("x.jar", ACTIVE);
    bench.copy("x.jar", PluginJar.of("acme.other", "5.0.0").with("Test-Name", "other").bytes());

    bench.awaitStates("x.jar 5.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("5.0.0");
  }

  @Test
  void whatRunsStaysWhenTheDeployerStopsAndIsTakenOnByTheNext() throws Exception {
    bench.copy("rename.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename.jar", ACTIVE);
    bench.stop();
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.engine.listeners()).isZero();
    Await.until(
        () -> "threads",
        () -> Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().startsWith("mop-deploy")));

    bench.start();
    bench.awaitStates("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("1.0.0");
    Files.delete(bench.plugins.resolve("rename.jar"));
    bench.awaitInstalled();
  }

  @Test
  void aHundredReplacementsLeaveNothingBehind() throws Exception {
    for (int i = 1; i <= 100; i++) {
      Path part = bench.plugins.resolve("rename.jar.part");
      Files.write(part, PluginJar.rename("1.0." + i).bytes());
      Files.move(part, bench.plugins.resolve("rename.jar"), StandardCopyOption.ATOMIC_MOVE);
      String version = "1.0." + i;
      Await.until(bench::states, () -> bench.states().contains("rename.jar " + version + " ACTIVE"));
    }

    assertThat(bench.installed()).containsExactly("1.0.99", "1.0.100");
    bench.clock.advance(Bench.WINDOW);
    bench.awaitInstalled("1.0.100");
    assertThat(bench.bundles()).hasSize(2);
    FrameworkWiring wiring =
        bench.context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    Await.until(wiring::getRemovalPendingBundles, () -> wiring.getRemovalPendingBundles().isEmpty());
    Await.until(() -> "copies", () -> home.resolve("store").toFile().list().length == 1);
    assertThat(bench.engine.used).hasSize(100).doesNotContain("none");
    assertThat(bench.engine.withdrawn).isEmpty();
    assertThat(bench.deployer().swaps()).hasSize(50);
  }
}
