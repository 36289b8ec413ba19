package io.mop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.launcher.TestHome;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In processes of their own, as signals are a process's. */
@Timeout(60)
class RunTest {
  @TempDir Path dir;

  private Process start(TestHome home, String... options) throws Exception {
    Path config = Files.writeString(dir.resolve("x.yaml"), "");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("env", "--default-signal")); // a background job may have been told to ignore SIGINT
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx64m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("-Dmop.home=" + home.path(), Main.class.getName(), "run", "--config", config.toString()));
    command.addAll(List.of("--state", dir.resolve("state").toString(), "--feature", "test"));
    command.addAll(List.of(options));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Unlike {@code destroy()} this leaves the output to be read. */
  private static void kill(Process mop, String signal) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(mop.pid())).start().waitFor()).isZero();
  }

  @ParameterizedTest(name = "SIG{0}: {1}")
  @CsvSource({"TERM, 0", "INT, 130"})
  void aSignalDrainsThenStopsTheBundles(String signal, int expected) throws Exception {
    Process mop = start(new TestHome(dir.resolve("home")).commands("run=0,stop=0"));
    try (BufferedReader out = mop.inputReader()) {
      assertThat(out.readLine()).startsWith("run config=").endsWith(" state=" + dir.resolve("state"));
      kill(mop, signal);
      List<String> rest = out.lines().toList();
      assertThat(rest).hasSize(3);
      assertThat(rest.get(0)).endsWith("INFO    io.mop.launcher: Stopping.");
      assertThat(rest.get(1)).startsWith("stop ");
      assertThat(rest.get(2)).isEqualTo("bundle stopped");
      assertThat(mop.waitFor()).isEqualTo(expected);
    } finally {
      mop.destroyForcibly();
    }
  }

  @Test
  void hangUpReloadsAndMopGoesOn() throws Exception {
    Process mop = start(new TestHome(dir.resolve("home")).commands("run=0,reload=3,stop=0"));
    try (BufferedReader out = mop.inputReader()) {
      assertThat(out.readLine()).startsWith("run ");
      for (int i = 0; i < 2; i++) {
        kill(mop, "HUP");
        assertThat(out.readLine()).startsWith("reload config=");
      }
      kill(mop, "TERM");
      assertThat(out.lines()).anyMatch(line -> line.startsWith("stop "));
      assertThat(mop.waitFor()).isZero();
    } finally {
      mop.destroyForcibly();
    }
  }

  @Test
  void aFailedStopShowsInTheExitCode() throws Exception {
    Process mop = start(new TestHome(dir.resolve("home")).commands("run=0,stop=!3 items were lost"));
    try (BufferedReader out = mop.inputReader()) {
      assertThat(out.readLine()).startsWith("run ");
      kill(mop, "TERM");
      assertThat(out.lines()).anyMatch(line -> line.endsWith("ERROR   io.mop.launcher: 3 items were lost"));
      assertThat(mop.waitFor()).isEqualTo(1);
    } finally {
      mop.destroyForcibly();
    }
  }

  @Test
  void aCommandThatFailsEndsTheProcess() throws Exception {
    Process mop = start(new TestHome(dir.resolve("home")).commands("run=3"));
    try (BufferedReader out = mop.inputReader()) {
      assertThat(out.lines()).last().isEqualTo("bundle stopped");
      assertThat(mop.waitFor()).isEqualTo(3);
    } finally {
      mop.destroyForcibly();
    }
  }

  @Test
  void aLaunchProblemIsALogRecord() throws Exception {
    Process mop = start(new TestHome(dir.resolve("home")), "--log-format", "json");
    try (BufferedReader out = mop.inputReader()) {
      assertThat(out.lines())
          .singleElement().asString()
          .contains("\"level\":\"ERROR\",\"logger\":\"io.mop.launcher\",\"message\":\"There is no feature ");
      assertThat(mop.waitFor()).isEqualTo(4);
    } finally {
      mop.destroyForcibly();
    }
  }
}
