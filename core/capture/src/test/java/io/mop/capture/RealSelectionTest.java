package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes in namespaces and control groups of their own, and real lack of privileges. */
class RealSelectionTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final String NOBODY_LISTENS =
      "my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;"
          + " $| = 1; print $s->sockport, qq(\\n); <STDIN>";

  @TempDir Path proc;
  @TempDir Path directory;
  private Started started;

  @BeforeEach
  void root() throws IOException {
    boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    assumeTrue(root, "needs root: makes namespaces and groups");
    started = new Started(proc);
  }

  @AfterEach
  void stop() {
    if (started != null) started.close();
  }

  private Set<Integer> selectBy(Rule.Condition... conditions) {
    Set<Integer> bits = new TreeSet<>();
    Selector.Bits recorder =
        new Selector.Bits() {
          @Override
          public void set(int tgid) {
            bits.add(tgid);
          }

          @Override
          public void clear(int tgid) {
            bits.remove(tgid);
          }

          @Override
          public Set<Integer> all() {
            return Set.copyOf(bits);
          }
        };
    Selector selector = new Selector(proc, List.of(new Rule(conditions)), recorder);
    selector.refresh();
    assertThat(selector.problem()).isEmpty();
    assertThat(selector.selected()).isEqualTo(bits);
    return bits;
  }

  /** A shell that waits for its end under another program name. */
  private Path server() throws IOException {
    return Files.copy(Path.of("/bin/sh").toRealPath(), directory.resolve("server"));
  }

  @Test
  void aServerInANetworkAndPidNamespaceOfItsOwn() throws IOException {
    String[] unshare = {"unshare", "--net", "--pid", "--fork"};
    Process parent = started.start(join(unshare, Started.java(Listener.class, "any")));
    int port = Integer.parseInt(Started.line(parent));
    int server = started.child(parent);
    for (String namespace : List.of("net", "pid")) {
      assertThat(Files.readSymbolicLink(Path.of("/proc/" + server + "/ns/" + namespace)))
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/" + namespace)));
    }
    assertThat(selectBy(new Rule.Port(port))).containsExactly(server);
    assertThat(selectBy(new Rule.Pid(server))).containsExactly(server);
    assertThat(selectBy(new Rule.Exe("*/java"), new Rule.Port(port))).containsExactly(server);
    assertThat(selectBy(new Rule.Command("*" + Listener.class.getName() + " any"), new Rule.Exe("*/java")))
        .containsExactly(server);
    assertThat(selectBy(new Rule.Exe("*/unshare"))).as("with its child").contains(server);
  }

  @Test
  void aProgramThatOnlyAMountNamespaceHas() throws IOException {
    Path server = server();
    Path inside = Files.createDirectories(directory.resolve("mount")).resolve("server");
    String script = "mount -t tmpfs mop \"$1\" && cp \"$2\" \"$1\" && exec \"$1/server\" -c 'echo up; read end'";
    Process process =
        started.start(
            "unshare", "--mount", "sh", "-c", script, "sh", inside.getParent().toString(), server.toString());
    assertThat(Started.line(process)).isEqualTo("up");
    assertThat(inside).doesNotExist();
    assertThat(selectBy(new Rule.Exe(inside.toString()))).containsExactly((int) process.pid());
  }

  @Test
  void aProgramThatWasDeleted() throws IOException {
    Path server = server();
    Process process = started.start(server.toString(), "-c", "echo up; read end");
    assertThat(Started.line(process)).isEqualTo("up");
    Files.delete(server);
    assertThat(selectBy(new Rule.Exe(server.toString()))).containsExactly((int) process.pid());
  }

  @Test
  void aCommandWithItsArguments() throws IOException {
    Process process = started.start("sh", "-c", "echo up; read end", "sh", "--shop", "two words");
    assertThat(Started.line(process)).isEqualTo("up");
    assertThat(selectBy(new Rule.Command("sh -c * sh --shop two words"))).containsExactly((int) process.pid());
    assertThat(selectBy(new Rule.Command("sh -c * sh --shop"))).isEmpty();
  }

  @Test
  void processesOfAControlGroupAndOfThoseBelow() throws IOException {
    Path mount = cgroup2();
    String name = "mop-test-" + ProcessHandle.current().pid();
    Path group = Files.createDirectory(mount.resolve(name));
    Path container = Files.createDirectory(group.resolve("docker-" + ID + ".scope"));
    Process process = started.start("sh", "-c", "echo up; read end");
    try {
      assertThat(Started.line(process)).isEqualTo("up");
      int pid = (int) process.pid();
      assertThat(selectBy(new Rule.Cgroup("/" + name))).isEmpty();
      assertThat(selectBy(new Rule.Container(ID.substring(0, 12)))).isEmpty();
      Files.writeString(container.resolve("cgroup.procs"), "" + pid);
      assertThat(selectBy(new Rule.Cgroup("/" + name))).containsExactly(pid);
      assertThat(selectBy(new Rule.Cgroup("/" + name + "/docker-*.scope"))).containsExactly(pid);
      assertThat(selectBy(new Rule.Cgroup("*.scope"))).containsExactly(pid);
      assertThat(selectBy(new Rule.Container(ID.substring(0, 12)))).containsExactly(pid);
      Files.writeString(group.resolve("cgroup.procs"), "" + pid);
      assertThat(selectBy(new Rule.Cgroup("*.scope"))).isEmpty();
      assertThat(selectBy(new Rule.Container(ID))).isEmpty();
      assertThat(selectBy(new Rule.Cgroup("/" + name))).containsExactly(pid);
    } finally {
      Started.end(process);
      Files.delete(container);
      Files.delete(group);
    }
  }

  private static Path cgroup2() throws IOException {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
      return mounts.map(line -> line.split(" ")).filter(f -> f[2].equals("cgroup2")).map(f -> Path.of(f[1])).findFirst()
          .orElseThrow(() -> new AssertionError("no cgroup v2 is mounted"));
    }
  }

  /** Another root's process has more capabilities than one with {@code capabilities}; nobody's files are nobody's. */
  @ParameterizedTest(name = "{1} by {2} with {0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "-all; root; exe; 0 selected, 1 hidden, processes that rules ask about are hidden: CAP_SYS_PTRACE needed",
        "-all,+sys_ptrace; root; exe; 1 selected, 0 hidden, no problem",
        "-all,+sys_ptrace; nobody; exe; 1 selected, 0 hidden, no problem",
        "-all; root; port; 0 selected, 1 hidden, processes that rules ask about are hidden:"
            + " CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE needed",
        "-all,+sys_ptrace; nobody; port; 0 selected, 1 hidden, processes that rules ask about are hidden:"
            + " CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE needed",
        "-all,+sys_ptrace,+dac_read_search; nobody; port; 1 selected, 0 hidden, no problem",
      })
  void withoutAPrivilegeNothingIsSelectedAndSaid(String capabilities, String user, String by, String found)
      throws IOException {
    String[] perl = {"perl", "-MIO::Socket::INET", "-e", NOBODY_LISTENS};
    String[] nobody = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
    Process server = started.start(user.equals("root") ? perl : join(nobody, perl));
    String port = Started.line(server);
    String value = by.equals("port") ? port : "*/perl*";
    String[] setpriv = {"setpriv", "--bounding-set", capabilities};
    Process look =
        new ProcessBuilder(join(setpriv, Started.java(LookMain.class, proc.toString(), by, value)))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(Started.line(look)).isEqualTo(found);
  }

  /** Mounted so, a proc file system shows the numbers of others and nothing else of them, outside its group. */
  @Test
  void whatTheMountOfProcHidesIsHidden() throws IOException {
    String script = "mount -o remount,hidepid=1 /proc && { sleep 600 & } && exec \"$@\"";
    String[] unshare = {"unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script, "sh"};
    String[] setpriv = {"setpriv", "--regid", "65534", "--clear-groups", "--bounding-set", "-all"};
    Process look = started.start(join(unshare, join(setpriv, Started.java(LookMain.class, "/proc", "exe", "*"))));
    assertThat(Started.line(look))
        .isEqualTo("0 selected, 1 hidden, processes that rules ask about are hidden: CAP_SYS_PTRACE needed");
  }

  private static String[] join(String[] first, String[] second) {
    return Stream.of(first, second).flatMap(Stream::of).toArray(String[]::new);
  }
}
