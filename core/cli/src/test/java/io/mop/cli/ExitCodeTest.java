package io.mop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What every command ends with, where its output goes, and its help. */
@Timeout(60)
class ExitCodeTest {
  /** Every command that asks a running MOP, as it is typed. */
  private static final String[] ASKING = {
    "status", "status -o json", "tap", "tap receivers.otlp", "why --pid 1", "why --port 80 -o json",
    "log-level", "log-level debug", "reload", "plugins",
    "plugins replace x.jar", "plugins rollback x", "plugins remove x", "plugins why x", "shell lb",
  };

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int mop(String... args) {
    CommandLine line = Main.commandLine(new Mop(dir, Map.of("MOP_STATE", dir.toString())));
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private static String[] asking() {
    return ASKING.clone();
  }

  /** The commands with sub-commands' names, e.g. {@code plugins why}. */
  private static Stream<String> commands() {
    List<String> all = new ArrayList<>();
    collect("", Main.commandLine(new Mop(Path.of("/"), Map.of())), all);
    return all.stream();
  }

  private static void collect(String prefix, CommandLine command, List<String> all) {
    command.getSubcommands().forEach((name, sub) -> {
      all.add(prefix + name);
      collect(prefix + name + " ", sub, all);
    });
  }

  @Test
  void noCommandIsForgottenHere() {
    TreeSet<String> tested = new TreeSet<>();
    for (String line : ASKING) tested.add(line.split(" ")[0]);
    tested.addAll(List.of("run", "validate", "doctor", "schema", "demo", "trace", "record", "init", "new", "version",
        "completion", "help"));
    assertThat(commands().map(c -> c.split(" ")[0])).containsAll(tested);
    assertThat(tested).containsAll(commands().map(c -> c.split(" ")[0]).toList());
  }

  @ParameterizedTest(name = "mop {0}")
  @MethodSource("asking")
  void withoutAMop5(String line) {
    assertThat(mop(line.split(" "))).isEqualTo(ExitCode.UNREACHABLE);
    assertThat(err.toString()).startsWith("mop: MOP is not running with state directory " + dir);
    assertThat(out.toString()).isEmpty();
  }

  /** As another user's: to root nothing is denied, so the access is, by a process that is not root. */
  @ParameterizedTest(name = "mop {0}")
  @ValueSource(strings = {"status", "tap", "log-level", "plugins", "shell lb"})
  void ofAnotherUser6(String line) throws Exception {
    boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    assumeTrue(!root || Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs /usr/bin/setpriv to leave root");
    try (ServerSocketChannel server = listen(dir)) {
      String mode = root ? "rw-------" : "---------";
      Files.setPosixFilePermissions(dir.resolve("mop.sock"), PosixFilePermissions.fromString(mode));
      Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
      List<String> command = new ArrayList<>();
      if (root) command.addAll(List.of("/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"));
      command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC"));
      command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Dmop.home=" + dir, "-cp", readable(), Main.class.getName()));
      command.addAll(List.of(line.split(" ")));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).directory(new java.io.File("/"));
      builder.environment().put("MOP_STATE", dir.toString());
      assertThat(server.isOpen()).as("somebody listens").isTrue();
      Process process = builder.start();
      List<String> said = process.inputReader().lines().toList();
      assertThat(process.waitFor()).as(said.toString()).isEqualTo(ExitCode.DENIED);
      assertThat(said).containsExactly("mop: " + dir.resolve("mop.sock") + " belongs to another user.");
    }
  }

  /** The class path, copied to where any user may read. */
  private String readable() throws Exception {
    List<String> copies = new ArrayList<>();
    int n = 0;
    for (String entry : System.getProperty("java.class.path").split(":")) {
      Path from = Path.of(entry);
      if (!entry.contains("picocli") && !entry.contains("cli/target/classes") && !entry.contains("launcher")) continue;
      Path to = dir.resolve("cp" + n++ + (Files.isDirectory(from) ? "" : ".jar"));
      if (Files.isRegularFile(from)) Files.copy(from, to);
      else if (Files.isDirectory(from)) {
        try (Stream<Path> files = Files.walk(from)) {
          for (Path file : files.toList()) Files.copy(file, to.resolve(from.relativize(file).toString()));
        }
      }
      copies.add(to.toString());
    }
    return String.join(":", copies);
  }

  @ParameterizedTest(name = "the answer {0}")
  @ValueSource(ints = {0, 1, 2, 4})
  void theCodeOfTheRunningMopIsPassedOn(int code) throws Exception {
    for (String line : ASKING) {
      out.getBuffer().setLength(0);
      err.getBuffer().setLength(0);
      Files.deleteIfExists(dir.resolve("mop.sock"));
      String answer = (code == 0 ? "data\n" : "mop: a sentence.\n") + code + "\n";
      try (ServerSocketChannel server = listen(dir)) {
        CompletableFuture<Void> served = CompletableFuture.runAsync(() -> serve(server, answer));
        assertThat(mop(line.split(" "))).as(line).isEqualTo(code);
        served.get();
      }
      assertThat(out.toString()).as(line).isEqualTo(code == 0 ? "data\n" : "");
      assertThat(err.toString()).as(line).isEqualTo(code == 0 ? "" : "mop: a sentence.\n");
    }
  }

  @ParameterizedTest(name = "mop {0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "validate none.yaml | 4", "run --config none.yaml | 4", "doctor --config none.yaml | 4", "init none | 4",
        "doctor | 4", "demo --duration x | 2", "demo --rate 0 | 2",
        "trace | 2", "trace --pid 1 | 2", "trace --pid x | 2", "trace --port 0 | 2", "trace --port 65536 | 2",
        "trace --port 80 --count 0 | 2", "trace --port 80 --duration x | 2", "trace --port 80 -o xml | 2",
        "record | 2", "record -o x | 2", "record --port 80 | 2", "record --port 80 -o x --connections 0 | 2",
        "record --port 80 -o x --max-size 1 | 2", "record --port 80 -o pom.xml | 1", "record --port 80 -o none/x | 4",
        "trace --pid 4194303 | 4", "completion tcsh | 2", "completion | 2",
        "why | 2", "why --pid x | 2", "why --pid 1 --port 80 | 2", "why --port 80 -o xml | 2",
        "tap a b | 2", "tap --signal x | 2", "tap --limit x | 2", "tap -o xml | 2", "log-level a b c | 2", "shell | 2",
        "status x | 2", "version x | 2", "none | 2", "version | 0", "completion bash | 0", "help | 0", "init | 0",
      })
  void withoutAnswer(String line, int code) {
    assertThat(mop(line.split(" "))).as(err.toString()).isEqualTo(code);
    if (code == 0) assertThat(err.toString()).isEmpty();
    else {
      assertThat(out.toString()).isEmpty();
      assertThat(err.toString()).isNotEmpty().doesNotContain("Exception");
    }
  }

  @ParameterizedTest(name = "mop {0} --help")
  @MethodSource("commands")
  void everyCommandHasHelpWithExamples(String command) {
    List<String> words = new ArrayList<>(List.of(command.split(" ")));
    words.add("--help");
    assertThat(mop(words.toArray(String[]::new))).isZero();
    assertThat(out.toString()).contains("Usage: mop " + command).doesNotContain("\u001b");
    boolean simple = command.equals("version") || command.equals("help") || command.contains(" ");
    if (!simple) assertThat(out.toString()).contains("Examples:\n  ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theHelpIs() throws Exception {
    assertThat(mop("--help")).isZero();
    assertThat(out.toString()).isEqualTo(golden("help.txt"));
  }

  @Test
  void theHelpOfTapIs() throws Exception {
    assertThat(mop("tap", "--help")).isZero();
    assertThat(out.toString()).isEqualTo(golden("help-tap.txt"));
  }

  @Test
  void theHelpOfTraceIs() throws Exception {
    assertThat(mop("trace", "--help")).isZero();
    assertThat(out.toString()).isEqualTo(golden("help-trace.txt"));
  }

  @Test
  void theHelpOfWhyIs() throws Exception {
    assertThat(mop("why", "--help")).isZero();
    assertThat(out.toString()).isEqualTo(golden("help-why.txt"));
  }

  @Test
  void theHelpOfRecordIs() throws Exception {
    assertThat(mop("record", "--help")).isZero();
    assertThat(out.toString()).isEqualTo(golden("help-record.txt"));
  }

  private static String golden(String name) throws Exception {
    return Files.readString(Path.of("src/test/resources", name));
  }

  /** The tool writes colours to a terminal only, and with NO_COLOR not there either. */
  @Test
  void noColor() throws Exception {
    for (Map<String, String> env : List.of(Map.<String, String>of(), Map.of("NO_COLOR", "1"))) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
              "-Dmop.home=" + dir, "-cp", System.getProperty("java.class.path"), Main.class.getName(), "tap", "--help");
      builder.environment().putAll(env);
      Process process = builder.redirectErrorStream(true).start();
      assertThat(process.inputReader().lines()).isNotEmpty().noneMatch(l -> l.contains("\u001b"));
      assertThat(process.waitFor()).isZero();
    }
  }

  @Test
  void completionIsAScriptThatKnowsTheCommands() throws Exception {
    for (String shell : List.of("bash", "zsh", "fish")) {
      out.getBuffer().setLength(0);
      assertThat(mop("completion", shell)).isZero();
      assertThat(out.toString()).contains("tap", "why", "doctor", "rollback", "signal");
      if (shell.equals("zsh")) assertThat(out.toString()).contains("bashcompinit");
    }
    assertThat(out.toString()).contains(
        "complete -c mop -n '__fish_seen_subcommand_from tap' -l signal -x -a "
            + "'traces metrics logs' -d 'Only this one.'");
    out.getBuffer().setLength(0);
    mop("completion", "bash");
    Path script = Files.writeString(dir.resolve("mop.bash"), out.toString());
    Process bash =
        new ProcessBuilder(
                "bash", "-c",
                "source " + script + "; COMP_WORDS=(mop ta); COMP_CWORD=1; _complete_mop; echo \"${COMPREPLY[@]}\"")
            .redirectErrorStream(true).start();
    assertThat(bash.inputReader().lines()).last().asString().isEqualTo("tap");
    assertThat(bash.waitFor()).isZero();
  }

  private static ServerSocketChannel listen(Path dir) throws Exception {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    return server.bind(UnixDomainSocketAddress.of(dir.resolve("mop.sock")));
  }

  private static void serve(ServerSocketChannel server, String answer) {
    try (SocketChannel client = server.accept()) {
      ByteBuffer one = ByteBuffer.allocate(1);
      while (client.read(one) == 1 && one.get(0) != '\n') one.clear();
      client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.UTF_8)));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
