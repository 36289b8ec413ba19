package io.mop.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.deploy.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks at times that the test says; a file's time of writing is set, not waited for. */
class WatchTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  @TempDir Path home;
  private Path directory;
  private Watch watch;

  @BeforeEach
  void open() {
    directory = home.resolve("a/plugins");
    watch = new Watch(directory, Duration.ofMillis(250));
  }

  private Watch.Look look(long millis) throws Refusal {
    return watch.look(T0.plusMillis(millis));
  }

  private void write(String name, String content, long millis) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    Files.setLastModifiedTime(file, FileTime.from(T0.plusMillis(millis)));
  }

  @Test
  void theDirectoryIsMade() throws Exception {
    assertThat(look(0)).isEqualTo(new Watch.Look(Set.of(), Map.of()));
    assertThat(directory).isDirectory();
  }

  @Test
  void aFileIsReadyWhenTwoLooksFarEnoughApartSawItUnchanged() throws Exception {
    look(0);
    write("x.jar", "a", 10);
    assertThat(look(20).ready()).isEmpty();
    assertThat(look(30).ready()).isEmpty();
    write("x.jar", "b", 200);
    assertThat(look(271).ready()).isEmpty();
    assertThat(look(400).unsettled()).isTrue();
    assertThat(look(521).ready()).containsOnlyKeys("x.jar");
    assertThat(look(530).unsettled()).isFalse();
  }

  @Test
  void nothingIsNewUntilAFileChangesComesOrGoesAndWhileOneSettles() throws Exception {
    assertThat(watch.same()).as("before the first look").isFalse();
    look(0);
    assertThat(watch.same()).isTrue();
    write("x.jar", "a", 10);
    assertThat(watch.same()).isFalse();
    look(20);
    assertThat(watch.same()).as("it settles").isFalse();
    look(300);
    assertThat(watch.same()).isTrue();
    write("SHA256SUMS", "", 310);
    assertThat(watch.same()).as("not a plugin, but one may depend on it").isFalse();
    look(320);
    assertThat(watch.same()).isTrue();
    watch.arrived("x.jar");
    assertThat(watch.same()).isFalse();
    look(330);
    Files.delete(directory.resolve("x.jar"));
    look(340);
    assertThat(watch.same()).as("it may come again").isFalse();
    look(600);
    assertThat(watch.same()).isTrue();
  }

  @Test
  void anOverwrittenFileIsPresentButNotReadyUntilItSettles() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    assertThat(look(20).ready()).containsKey("x.jar");
    write("x.jar", "b", 30);
    Watch.Look during = look(40);
    assertThat(during.present()).containsExactly("x.jar");
    assertThat(during.ready()).isEmpty();
    assertThat(look(290).ready()).containsKey("x.jar");
  }

  @Test
  void aFileNotWrittenToForTwoSecondsIsReadyAtOnce() throws Exception {
    look(0);
    write("x.jar", "a", -2001);
    write("y.jar", "a", -1999);
    assertThat(look(0).ready()).containsOnlyKeys("x.jar");
  }

  @Test
  void aFileRenamedFromANameSeenBeforeIsReadyAtOnce() throws Exception {
    look(0);
    write("x.jar.part", "a", 10);
    assertThat(look(20).present()).isEmpty();
    Files.move(directory.resolve("x.jar.part"), directory.resolve("x.jar"), StandardCopyOption.ATOMIC_MOVE);
    assertThat(look(30).ready()).containsOnlyKeys("x.jar");
  }

  @Test
  void aFileRenamedOverAnotherIsReadyAtOnce() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    look(5);
    write("x.jar.part", "bb", 10);
    look(20);
    Watch.moveOver(directory.resolve("x.jar.part"), directory.resolve("x.jar"));
    assertThat(look(30).ready().get("x.jar").size()).isEqualTo(2);
  }

  @Test
  void aFileThatArrivedByCommandIsReadyAtOnce() throws Exception {
    look(0);
    write("x.jar", "a", 10);
    watch.arrived("x.jar");
    assertThat(look(11).ready()).containsOnlyKeys("x.jar");
  }

  @Test
  void aFileHasGoneWhenTwoLooksDidNotSeeIt() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    look(10);
    Files.delete(directory.resolve("x.jar"));
    assertThat(look(20).present()).containsExactly("x.jar");
    assertThat(look(269).unsettled()).isTrue();
    assertThat(look(270).present()).isEmpty();
  }

  @Test
  void aFileDeletedAndWrittenAgainHasNotGone() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    look(10);
    Files.delete(directory.resolve("x.jar"));
    look(20);
    write("x.jar", "b", 100);
    assertThat(look(300).present()).containsExactly("x.jar");
    assertThat(look(550).ready()).containsOnlyKeys("x.jar");
  }

  @Test
  void aFileDeletedByCommandHasGoneAtOnce() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    look(10);
    Files.delete(directory.resolve("x.jar"));
    watch.deleted("x.jar");
    assertThat(look(11).present()).isEmpty();
  }

  @Test
  void aClockThatIsSetBackKeepsNoFileWaiting() throws Exception {
    look(0);
    write("x.jar", "a", 10);
    look(20);
    assertThat(look(-3_600_000).ready()).containsOnlyKeys("x.jar");
  }

  @Test
  void onlyWholeVisibleJarFilesCount() throws Exception {
    look(0);
    for (String name : new String[] {".x.jar", "x.jar.part", "x.jar.tmp", "x.tmp", "x.JAR", "x.zip"}) {
      write(name, "a", -5000);
    }
    Files.createDirectory(directory.resolve("d.jar"));
    Files.createSymbolicLink(directory.resolve("broken.jar"), directory.resolve("nowhere"));
    assertThat(look(10).present()).isEmpty();
  }

  @Test
  void aDirectoryThatIsAFileIsAProblemAndNothingHasGone() throws Exception {
    look(0);
    write("x.jar", "a", -5000);
    look(10);
    Path aside = home.resolve("aside");
    Files.move(directory, aside);
    Files.writeString(directory, "");
    assertThatThrownBy(() -> look(5000))
        .isInstanceOf(Refusal.class)
        .hasMessage("plugins directory " + directory + " cannot be read: " + directory + " is not a directory;"
            + " name another with mop.plugins");
    Files.delete(directory);
    Files.move(aside, directory);
    assertThat(look(6000).present()).containsExactly("x.jar");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsAProblem() throws Exception {
    Files.writeString(home.resolve("a"), "");
    assertThatThrownBy(() -> look(0))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith("plugins directory " + directory + " does not exist and cannot be made: ")
        .hasMessageEndingWith("; name another with mop.plugins");
  }

  @Test
  void aChangeWakes() throws Exception {
    CountDownLatch woken = new CountDownLatch(1);
    look(0);
    watch.listen(woken::countDown);
    write("x.jar", "a", 0);
    assertThat(woken.await(30, TimeUnit.SECONDS)).isTrue();
    watch.close();
    Await.until(
        () -> "thread",
        () -> Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("mop-deploy-watch")));
  }
}
