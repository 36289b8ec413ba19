package io.mop.deploy.internal;

import static io.mop.deploy.Installation.State.ACTIVE;
import static io.mop.deploy.Installation.State.REFUSED;
import static io.mop.deploy.Installation.State.REMOVED;
import static io.mop.deploy.Installation.State.STANDBY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.mop.deploy.Installation;
import io.mop.deploy.Refusal;
import io.mop.deploy.Swap;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandsTest {
  @TempDir Path home;
  @TempDir Path elsewhere;
  private Bench bench;

  @BeforeEach
  void open() throws Exception {
    bench = Bench.open(home);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  private Path jar(String file, byte[] bytes) throws Exception {
    return Files.write(elsewhere.resolve(file), bytes);
  }

  private Installation replace(String file, String version) throws Exception {
    return bench.deployer().replace(jar(file, PluginJar.rename(version).bytes()));
  }

  @Test
  void replaceReturnsWhenTheNewVersionIsInUse() throws Exception {
    assertThat(replace("rename.jar", "1.0.0").state()).isEqualTo(ACTIVE);
    Installation second = replace("rename.jar", "2.0.0");

    assertThat(second.state()).isEqualTo(ACTIVE);
    assertThat(second.version()).isEqualTo("2.0.0");
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0");
    assertThat(bench.plugins.toFile().list()).containsExactly("rename.jar");
    assertThat(bench.deployer().swaps()).extracting(Swap::outcome, Swap::from, Swap::to)
        .containsExactly(
            tuple(Swap.Outcome.REPLACED, "1.0.0", "2.0.0"),
            tuple(Swap.Outcome.INSTALLED, "", "1.0.0"));
  }

  @Test
  void whatTheEngineRefusesLeavesTheFileThatWasThere() throws Exception {
    replace("rename.jar", "1.0.0");
    bench.engine.refuses.put("2.0.0", "cannot read rename/2");
    assertThatThrownBy(() -> replace("rename.jar", "2.0.0"))
        .isInstanceOf(Refusal.class)
        .hasMessage("rename.jar was refused by the engine: cannot read rename/2");
    assertThatThrownBy(() -> replace("rename-2.jar", "2.0.0")).isInstanceOf(Refusal.class);

    assertThat(bench.states()).containsExactly("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.plugins.resolve("rename.jar")).hasBinaryContent(PluginJar.rename("1.0.0").bytes());
    assertThat(bench.plugins.toFile().list()).containsExactly("rename.jar");
    assertThat(bench.deployer().swaps()).extracting(Swap::outcome).contains(Swap.Outcome.REFUSED);
    assertThat(bench.installed()).containsExactly("1.0.0");
  }

  @Test
  void whatFailsItsChecksIsNotCopied() throws Exception {
    replace("rename.jar", "1.0.0");
    assertThatThrownBy(
            () -> bench.deployer().replace(jar("rename.jar", PluginJar.rename("2").imports("io.mop.engine").bytes())))
        .isInstanceOf(Refusal.class)
        .hasMessage("rename.jar imports io.mop.engine: plugins use packages of io.mop.api only");
    assertThat(bench.plugins.resolve("rename.jar")).hasBinaryContent(PluginJar.rename("1.0.0").bytes());
    assertThat(bench.states()).containsExactly("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.deployer().swaps().get(0).outcome()).isEqualTo(Swap.Outcome.REFUSED);
  }

  @Test
  void replaceWithTheSameContentTriesAgain() throws Exception {
    bench.engine.refuses.put("1.0.0", "no");
    assertThatThrownBy(() -> replace("rename.jar", "1.0.0")).isInstanceOf(Refusal.class);
    bench.engine.refuses.clear();
    assertThat(replace("rename.jar", "1.0.0").state()).isEqualTo(ACTIVE);
    assertThat(bench.deployer().replace(bench.plugins.resolve("rename.jar")).state()).isEqualTo(ACTIVE);
    assertThat(bench.engine.used).containsExactly("1.0.0");
  }

  @Test
  void replaceWithALowerVersionStandsBy() throws Exception {
    replace("rename-2.jar", "2.0.0");
    Installation lower = replace("rename-1.jar", "1.0.0");

    assertThat(lower.state()).isEqualTo(STANDBY);
    assertThat(lower.reason()).isEqualTo("2.0.0 from rename-2.jar is installed");
  }

  @Test
  void replaceSaysWhatCannotBeCopied() throws Exception {
    assertThatThrownBy(() -> bench.deployer().replace(elsewhere.resolve("none.jar")))
        .isInstanceOf(Refusal.class)
        .hasMessage("none.jar cannot be read: there is no such file");
    assertThatThrownBy(() -> bench.deployer().replace(jar("x.zip", new byte[1])))
        .isInstanceOf(Refusal.class)
        .hasMessage("\"x.zip\" is not a plugin file, expected a name like x.jar");
    Path inTheWay = Files.createDirectories(bench.plugins.resolve("x.jar/full"));
    assertThatThrownBy(() -> replace("x.jar", "1.0.0"))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith(inTheWay.getParent() + " cannot be written: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme.rename", "rename-2.jar", "rename", "processors.rename"})
  void rollbackGoesBackToTheVersionBefore(String name) throws Exception {
    replace("rename-1.jar", "1.0.0");
    replace("rename-2.jar", "2.0.0");
    Installation back = bench.deployer().rollback(name);

    assertThat(back.file()).isEqualTo("rename-1.jar");
    assertThat(back.state()).isEqualTo(ACTIVE);
    assertThat(bench.states()).containsExactly("rename-1.jar 1.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.plugins.toFile().list()).containsExactlyInAnyOrder("rename-1.jar", "rename-2.jar.rolled-back");
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
    assertThat(bench.deployer().swaps().get(0).outcome()).isEqualTo(Swap.Outcome.ROLLED_BACK);
  }

  @Test
  void rollbackOfAnOverwrittenFileBringsTheFileBack() throws Exception {
    byte[] first = PluginJar.rename("1.0.0").bytes();
    byte[] second = PluginJar.rename("2.0.0").bytes();
    bench.deployer().replace(jar("rename.jar", first));
    bench.deployer().replace(jar("rename.jar", second));
    bench.deployer().rollback("rename");

    assertThat(bench.states()).containsExactly("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.plugins.resolve("rename.jar")).hasBinaryContent(first);
    assertThat(bench.plugins.resolve("rename.jar.rolled-back")).hasBinaryContent(second);
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void rollbackOfADowngradeGoesUpAgain() throws Exception {
    replace("rename.jar", "2.0.0");
    replace("rename.jar", "1.0.0");
    bench.deployer().rollback("rename");

    assertThat(bench.states()).containsExactly("rename.jar 2.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("2.0.0", "1.0.0", "2.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void rollbackAfterTheWindowTakesTheFileOnStandby() throws Exception {
    replace("rename-1.jar", "1.0.0");
    replace("rename-2.jar", "2.0.0");
    bench.clock.advance(Bench.WINDOW);
    bench.awaitInstalled("2.0.0");
    bench.deployer().rollback("rename");

    assertThat(bench.states()).containsExactly("rename-1.jar 1.0.0 ACTIVE");
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void rollbackThatTheEngineRefusesChangesNothing() throws Exception {
    replace("rename-1.jar", "1.0.0");
    replace("rename-2.jar", "2.0.0");
    bench.engine.refuses.put("1.0.0", "cannot read rename/2");

    assertThatThrownBy(() -> bench.deployer().rollback("rename"))
        .isInstanceOf(Refusal.class)
        .hasMessage("rename-1.jar was refused by the engine: cannot read rename/2");
    assertThat(bench.record("rename-2.jar", ACTIVE)).isPresent();
    assertThat(bench.plugins.toFile().list()).containsExactlyInAnyOrder("rename-1.jar", "rename-2.jar");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void rollbackSaysWhenThereIsNothingToGoBackTo() throws Exception {
    assertThatThrownBy(() -> bench.deployer().rollback("rename"))
        .isInstanceOf(Refusal.class)
        .hasMessage("no plugin rename is in " + bench.plugins);
    replace("rename.jar", "1.0.0");
    assertThatThrownBy(() -> bench.deployer().rollback("rename"))
        .isInstanceOf(Refusal.class)
        .hasMessage("acme.rename has no version to go back to: the one before stays for 60 s after a swap,"
            + " and no other file has one; removing it brings back the one that MOP ships, if there is one");
    assertThatThrownBy(() -> bench.deployer().rollback("renam"))
        .isInstanceOf(Refusal.class)
        .hasMessage("no plugin renam is in " + bench.plugins + "; there are acme.rename");
  }

  @Test
  void removeDeletesAllFilesOfAPlugin() throws Exception {
    replace("rename-1.jar", "1.0.0");
    replace("rename-2.jar", "2.0.0");
    Installation removed = bench.deployer().remove("processors.rename");

    assertThat(removed.state()).isEqualTo(REMOVED);
    assertThat(removed.version()).isEqualTo("2.0.0");
    assertThat(bench.deployer().records()).isEmpty();
    assertThat(bench.plugins.toFile().list()).isEmpty();
    assertThat(bench.installed()).isEmpty();
    assertThat(bench.engine.used).endsWith("none");
  }

  @Test
  void removeOfAFileLeavesTheOther() throws Exception {
    replace("rename-1.jar", "1.0.0");
    replace("rename-2.jar", "2.0.0");
    bench.deployer().remove("rename-2.jar");

    assertThat(bench.states()).containsExactly("rename-1.jar 1.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0", "1.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }

  @Test
  void removeTakesOutAVersionWhoseFileWasOverwrittenByARefusedOne() throws Exception {
    replace("rename.jar", "1.0.0");
    Files.writeString(bench.plugins.resolve("rename.jar"), "no zip");
    bench.deployer().replace(bench.plugins.resolve("rename.jar"));
    assertThat(bench.states()).containsExactly("rename.jar  REFUSED", "rename.jar 1.0.0 ACTIVE");
    Installation removed = bench.deployer().remove("acme.rename");

    assertThat(removed.version()).isEqualTo("1.0.0");
    assertThat(bench.deployer().records()).isEmpty();
    assertThat(bench.installed()).isEmpty();
    assertThat(bench.plugins.toFile().list()).isEmpty();
  }

  @Test
  void removeOfARefusedFileDeletesIt() throws Exception {
    Files.createDirectories(bench.plugins);
    Files.writeString(bench.plugins.resolve("x.jar"), "no zip");
    bench.deployer().replace(bench.plugins.resolve("x.jar"));
    assertThat(bench.deployer().remove("x.jar").state()).isEqualTo(REMOVED);
    assertThat(bench.plugins.toFile().list()).isEmpty();
  }

  @Test
  void whySaysWhatWouldBecomeOfAFile() throws Exception {
    Path first = jar("a.jar", PluginJar.rename("1.0.0").bytes());
    assertThat(bench.deployer().why(first))
        .isEqualTo("a.jar (acme.rename 1.0.0) passes all checks and would be installed");
    assertThat(bench.installed()).isEmpty();
    bench.deployer().replace(first);
    assertThat(bench.deployer().why(first)).isEqualTo("a.jar (acme.rename 1.0.0) is active");
    assertThat(bench.deployer().why(jar("b.jar", PluginJar.rename("2.0.0").bytes())))
        .isEqualTo("b.jar (acme.rename 2.0.0) passes all checks and would replace 1.0.0");
    assertThat(bench.deployer().why(jar("c.jar", PluginJar.rename("0.9.0").bytes())))
        .isEqualTo("c.jar (acme.rename 0.9.0) passes all checks and would stand by for 1.0.0");
    assertThat(bench.deployer().why(jar("d.jar", PluginJar.rename("3").imports("io.mop.engine").bytes())))
        .isEqualTo("d.jar imports io.mop.engine: plugins use packages of io.mop.api only");
    assertThat(bench.deployer().why(elsewhere.resolve("e.jar")))
        .isEqualTo("e.jar cannot be read: there is no such file");
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(home.resolve("store").toFile().list()).hasSize(1);
  }

  @Test
  void aClosedDeployerSaysSo() throws Exception {
    bench.stop();
    assertThatThrownBy(() -> bench.deployer().remove("x"))
        .isInstanceOf(Refusal.class)
        .hasMessage("the deployer is closed");
  }

  /** A look that falls between makes the directory anew. */
  private static void putFileInPlaceOf(Path directory) throws Exception {
    while (true) {
      Files.deleteIfExists(directory);
      try {
        Files.createFile(directory);
        return;
      } catch (FileAlreadyExistsException made) {
        // again
      }
    }
  }

  @Test
  void aDirectoryThatCannotBeReadIsAProblemAndWhatRunsStays() throws Exception {
    replace("rename.jar", "1.0.0");
    assertThat(bench.deployer().problem()).isEmpty();
    Path aside = home.resolve("aside");
    Files.move(bench.plugins, aside);
    putFileInPlaceOf(bench.plugins);
    String problem = "plugins directory " + bench.plugins + " cannot be read: " + bench.plugins
        + " is not a directory; name another with mop.plugins";
    Await.until(bench.deployer()::problem, () -> bench.deployer().problem().equals(Optional.of(problem)));
    bench.clock.advance(Duration.ofHours(1));
    assertThatThrownBy(() -> replace("rename.jar", "2.0.0")).isInstanceOf(Refusal.class);
    assertThat(bench.states()).containsExactly("rename.jar 1.0.0 ACTIVE");
    Files.delete(bench.plugins);
    Files.move(aside, bench.plugins);
    Await.until(bench::states, () -> bench.deployer().problem().isEmpty());
    assertThat(bench.states()).containsExactly("rename.jar 1.0.0 ACTIVE");
    assertThat(bench.engine.used).containsExactly("1.0.0");
  }
}
