package io.mop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

@Timeout(30)
class CliTest {
  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int mop(Map<String, String> env, String... args) {
    CommandLine line = Main.commandLine(new Mop(dir, env));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  @Test
  void helpShowsCommandsExamplesAndExitCodes() {
    assertThat(mop(Map.of(), "--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: mop [-h] COMMAND")
        .contains("  run ", "  validate ", "  status ", "  init ", "  version ")
        .contains("Examples:\n  mop init all-in-one > mop.yaml")
        .containsPattern("5 +MOP is not reachable");
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run", "validate", "schema", "status", "why", "reload", "init", "new", "plugins", "shell", "version"
      })
  void everyCommandHasHelp(String command) {
    assertThat(mop(Map.of(), command, "--help")).isZero();
    assertThat(out.toString()).startsWith("Usage: mop " + command);
    if (!command.equals("version")) {
      assertThat(out.toString()).contains("Examples:\n  ");
    }
  }

  @ParameterizedTest(name = "mop {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | A command is missing.",
        "fly | Unmatched argument at index 0: 'fly'",
        "status -o xml | expected one of [TABLE, JSON] (case-insensitive) but was 'xml'",
        "validate | Missing required parameter: 'FILE'",
        "run --log-level loud | Invalid value for option '--log-level'",
        "plugins -o xml | expected one of [TABLE, JSON] (case-insensitive) but was 'xml'",
        "trace | What is to be traced? Expected --pid, --port, --exe or, after --, a command.",
        "record -o x | What is to be recorded? Expected --pid, --port, --exe or, after --, a command.",
        "record --port 80 | Missing required option: '--output=FILE'",
        "plugins fly | Unmatched argument at index 1: 'fly'",
        "plugins replace | Missing required parameter: 'JAR'",
        "plugins rollback a b | Unmatched argument at index 3: 'b'",
        "run --config | Missing required parameter for option '--config' (FILE)",
      })
  void usageErrors(String args, String message) {
    assertThat(mop(Map.of(), args.isEmpty() ? new String[0] : args.split(" "))).isEqualTo(2);
    assertThat(err.toString()).contains(message).contains("Usage: mop");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThat(mop(Map.of(), "validate", "none.yaml")).isEqualTo(4);
    assertThat(mop(Map.of("MOP_CONFIG", "gone.yaml"), "run")).isEqualTo(4);
    assertThat(mop(Map.of("MOP_CONFIG", "gone.yaml"), "run", "-c", "other.yaml")).isEqualTo(4);
    assertThat(mop(Map.of(), "init", "nothing")).isEqualTo(4);
    assertThat(err.toString().lines())
        .containsExactly(
            "mop: There is no file none.yaml.",
            "mop: There is no file gone.yaml.",
            "mop: There is no file other.yaml.",
            "mop: There is no example \"nothing\".");
  }

  @Test
  void initPrintsAnExample() throws Exception {
    Files.createDirectories(dir.resolve("examples"));
    Files.writeString(dir.resolve("examples/b.yaml"), "b: é\n");
    Files.writeString(dir.resolve("examples/a.yaml"), "a: 1\n");
    Files.writeString(dir.resolve("examples/README.md"), "x");
    Files.writeString(dir.resolve("secret.yaml"), "x");
    assertThat(mop(Map.of(), "init", "b")).isZero();
    assertThat(mop(Map.of(), "init")).isZero();
    assertThat(out.toString()).isEqualTo("b: é\na\nb\n");
    assertThat(mop(Map.of(), "init", "../secret")).isEqualTo(4);
    assertThat(err.toString()).isEqualTo("mop: There is no example \"../secret\"; there are: a, b.\n");
  }

  @Test
  void aDistributionWithoutBundlesIsASentence() throws Exception {
    Path config = Files.writeString(dir.resolve("mop.yaml"), "");
    assertThat(mop(Map.of(), "validate", config.toString())).isEqualTo(4);
    assertThat(mop(Map.of(), "schema")).isEqualTo(4);
    assertThat(err.toString().lines()).hasSize(2).containsOnly("mop: There is no MOP distribution in " + dir + ".");
  }

  @Test
  void versionPrintsMopJavaAndTheSystem() {
    assertThat(mop(Map.of(), "version")).isZero();
    assertThat(out.toString().lines())
        .hasSize(3)
        .contains("mop (not from a distribution)")
        .anyMatch(line -> line.startsWith("java " + Runtime.version()));
  }

  @Test
  void statusWithoutAMopIsUnreachable() throws Exception {
    assertThat(mop(Map.of(), "status", "--state", dir.toString())).isEqualTo(5);
    ServerSocketChannel dead = listen(dir);
    dead.close();
    assertThat(mop(Map.of("MOP_STATE", dir.toString()), "status")).isEqualTo(5);
    assertThat(err.toString().lines())
        .containsExactly(
            "mop: MOP is not running with state directory " + dir + ", or it is another user's: there is no mop.sock.",
            "mop: MOP is not running: nothing listens on " + dir.resolve("mop.sock") + ".");
    assertThat(out.toString()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "output | status | mop:status -o table | `a\nb\n0\n` | 0 | `a\nb\n` | ``",
        "JSON | status -o json | mop:status -o json | `{}\n0\n` | 0 | `{}\n` | ``",
        "plugins | plugins | mop:plugins '-o' 'table' | `a\n0\n` | 0 | `a\n` | ``",
        "plugins as JSON | plugins -o json | mop:plugins '-o' 'json' | `{}\n0\n` | 0 | `{}\n` | ``",
        "a JAR | plugins replace /a/b.jar | mop:plugins 'replace' '/a/b.jar' | `a\n0\n` | 0 | `a\n` | ``",
        "without state | plugins replace --discard-state /b.jar |"
            + " mop:plugins 'replace' '--discard-state' '/b.jar' | `0\n` | 0 | `` | ``",
        "reload | reload | mop:reload | `kept a\n0\n` | 0 | `kept a\n` | ``",
        "a rejected file | reload --discard-state | mop:reload --discard-state | `x.yaml:1: no\n3\n` | 3 | `` |"
            + " `x.yaml:1: no\n`",
        "rollback | plugins rollback it's | mop:plugins 'rollback' 'it'\\''s' | `mop: no\n4\n` | 4 | `` | `mop: no\n`",
        "remove | plugins remove a.jar | mop:plugins 'remove' 'a.jar' | `mop: no\n1\n` | 1 | `` | `mop: no\n`",
        "why a name | plugins why a.jar | mop:plugins 'why' 'a.jar' | `a\n0\n` | 0 | `a\n` | ``",
        "why a path | plugins why /a.jar | mop:plugins 'why' '/a.jar' | `a\n0\n` | 0 | `a\n` | ``",
        "no output | shell x | x | `0\n` | 0 | `` | ``",
        "a failure | shell lb | lb | `mop: no\n2\n` | 2 | `` | `mop: no\n`",
        "a cut answer | status | mop:status -o table | `a\nb` | 1 | `` |"
            + " `a\nbmop: The connection ended before the command did.\n`",
        "a cut line | status | mop:status -o table | `a\n12` | 1 | `` |"
            + " `a\n12mop: The connection ended before the command did.\n`",
        "no answer | status | mop:status -o table | `` | 1 | `` |"
            + " `mop: The connection ended before the command did.\n`",
      })
  void asksARunningMop(String name, String args, String line, String answer, int code, String stdout, String stderr)
      throws Exception {
    try (ServerSocketChannel server = listen(dir)) {
      CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> answer(server, answer));
      assertThat(mop(Map.of("MOP_STATE", dir.toString()), args.split(" "))).isEqualTo(code);
      assertThat(asked.get()).isEqualTo(line + "\n");
    }
    assertThat(out.toString()).isEqualTo(stdout);
    assertThat(err.toString()).isEqualTo(stderr);
  }

  @Test
  void aRelativeJarIsSentWithItsWholePathToTheMopThatIsNamed() throws Exception {
    try (ServerSocketChannel server = listen(dir)) {
      CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> answer(server, "0\n"));
      assertThat(mop(Map.of(), "plugins", "replace", "x.jar", "--state", dir.toString())).isZero();
      assertThat(asked.get()).isEqualTo("mop:plugins 'replace' '" + Path.of("x.jar").toAbsolutePath() + "'\n");
    }
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void whyTakesAFileThatIsThereForAJar() throws Exception {
    Path here = Files.createTempFile(Path.of("target"), "why", ".jar");
    try (ServerSocketChannel server = listen(dir)) {
      CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> answer(server, "0\n"));
      assertThat(mop(Map.of("MOP_STATE", dir.toString()), "plugins", "why", here.toString())).isZero();
      assertThat(asked.get()).isEqualTo("mop:plugins 'why' '" + here.toAbsolutePath() + "'\n");
    } finally {
      Files.delete(here);
    }
  }

  @Test
  void withoutAMopPluginsAreUnreachable() {
    assertThat(mop(Map.of("MOP_STATE", dir.toString()), "plugins")).isEqualTo(5);
    assertThat(mop(Map.of("MOP_STATE", dir.toString()), "plugins", "remove", "x")).isEqualTo(5);
    assertThat(mop(Map.of("MOP_STATE", dir.toString()), "plugins", "remove", "a\nb")).isEqualTo(2);
    assertThat(err.toString()).endsWith("mop: Expected a name without a line break.\n");
  }

  @Test
  void theStateDirectoryIsTheOptionsThenTheVariables() {
    Mop mop = new Mop(dir, Map.of("MOP_STATE", "/srv/mop"));
    assertThat(mop.state(Path.of("/x/../y"))).isEqualTo(Path.of("/y"));
    assertThat(mop.state(null)).isEqualTo(Path.of("/srv/mop"));
    Path byDefault = new Mop(dir, Map.of()).state(null);
    assertThat(byDefault)
        .isIn(Path.of("/var/lib/mop"), Path.of(System.getProperty("user.home"), ".local/state/mop"));
  }

  private static ServerSocketChannel listen(Path dir) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(dir.resolve("mop.sock")));
  }

  private static String answer(ServerSocketChannel server, String answer) {
    try (SocketChannel client = server.accept()) {
      StringBuilder line = new StringBuilder();
      ByteBuffer one = ByteBuffer.allocate(1);
      while (line.indexOf("\n") < 0 && client.read(one) == 1) {
        line.append((char) one.get(0));
        one.clear();
      }
      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
      return line.toString();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
