package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectorTest {
  private static final int SELF = 99;

  @TempDir Path proc;
  private final TreeSet<Integer> bits = new TreeSet<>();
  private final List<String> calls = new ArrayList<>();
  private final List<ProcessHandle> started = new ArrayList<>();

  private final Selector.Bits recorder =
      new Selector.Bits() {
        @Override
        public void set(int tgid) {
          bits.add(tgid);
          calls.add("+" + tgid);
        }

        @Override
        public void clear(int tgid) {
          bits.remove(tgid);
          calls.add("-" + tgid);
        }
      };

  @AfterEach
  void stop() {
    for (ProcessHandle p : started) {
      p.destroyForcibly();
      p.onExit().join();
    }
  }

  private Selector selector(Selector.Rule... rules) {
    return new Selector(proc, List.of(rules), recorder, SELF);
  }

  /** A made-up process; {@code sockets} are inodes it has open. */
  private void process(int pid, long start, String exe, List<Integer> children, long... sockets) throws IOException {
    Path p = proc.resolve("" + pid);
    Files.createDirectories(p.resolve("task/" + pid));
    Files.createDirectories(p.resolve("fd"));
    Files.createDirectories(p.resolve("ns"));
    Files.createDirectories(p.resolve("net"));
    Files.writeString(p.resolve("stat"), pid + " (a ) b) S 0" + " 0".repeat(17) + " " + start + " 0 0\n");
    Files.writeString(
        p.resolve("task/" + pid + "/children"), String.join(" ", children.stream().map(c -> "" + c).toList()) + " ");
    link(p.resolve("exe"), exe);
    link(p.resolve("ns/net"), "net:[1]");
    link(p.resolve("fd/0"), "/dev/null");
    for (int i = 0; i < sockets.length; i++) link(p.resolve("fd/" + (i + 3)), "socket:[" + sockets[i] + "]");
    String head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
    Files.writeString(
        p.resolve("net/tcp"),
        head
            + line(0, "0100007F:1F90", "00000000:0000", "0A", 500)
            + line(1, "00000000:0050", "00000000:0000", "0A", 501)
            + line(2, "0100007F:1F91", "0100007F:9C40", "01", 502));
    Files.writeString(p.resolve("net/tcp6"), head + line(0, "0".repeat(32) + ":2382", "0".repeat(37), "0A", 503));
  }

  private static String line(int n, String local, String remote, String state, long inode) {
    return "   " + n + ": " + local + " " + remote + " " + state
        + " 00000000:00000000 00:00000000 00000000  1000        0 " + inode + " 1 0000000000000000 100 0 0 10 0\n";
  }

  private static void link(Path at, String target) throws IOException {
    Files.deleteIfExists(at);
    Files.createSymbolicLink(at, Path.of(target));
  }

  private void gone(int pid) throws IOException {
    Files.delete(proc.resolve(pid + "/stat"));
  }

  @Test
  void withoutARuleNothingIsSelected() throws IOException {
    process(10, 1, "/bin/a", List.of(), 500);
    Selector s = selector();
    s.refresh();
    assertThat(calls).isEmpty();
    assertThat(s.why(10)).isEmpty();
  }

  @Test
  void portsAreThoseListenedOn() throws IOException {
    process(10, 1, "/bin/a", List.of(), 500);
    process(11, 1, "/bin/b", List.of(), 502);
    process(12, 1, "/bin/c", List.of(), 503);
    Selector s = selector(new Selector.Port(8080), new Selector.Port(8081), new Selector.Port(9090));
    s.refresh();
    assertThat(bits).containsExactly(10, 12);
    assertThat(s.why(10)).contains("port 8080");
    assertThat(s.why(12)).contains("port 9090");
    assertThat(s.why(11)).isEmpty();
  }

  @Test
  void executablesAreMatchedByTheirWholePath() throws IOException {
    process(10, 1, "/usr/sbin/nginx", List.of());
    process(11, 1, "/usr/sbin/nginx (deleted)", List.of());
    process(12, 1, "/usr/sbin/nginx.old", List.of());
    process(13, 1, "/opt/app-1/bin/run", List.of());
    Selector s = selector(new Selector.Exe("*/nginx"), new Selector.Exe("/opt/app-?/*"));
    s.refresh();
    assertThat(bits).containsExactly(10, 11, 13);
    assertThat(s.why(13)).contains("exe /opt/app-?/*");
  }

  @Test
  void descendantsAreSelectedAndOutliveTheirParents() throws IOException {
    process(10, 1, "/bin/a", List.of(20));
    process(20, 2, "/bin/b", List.of(30));
    process(30, 3, "/bin/c", List.of());
    Selector s = selector(new Selector.Pid(10));
    s.refresh();
    assertThat(bits).containsExactly(10, 20, 30);
    assertThat(s.why(30)).contains("descendant of 10, pid 10");
    gone(20);
    s.refresh();
    assertThat(bits).as("the root lives").containsExactly(10, 30);
    gone(10);
    s.refresh();
    assertThat(bits).as("the root has ended").containsExactly(30);
    process(30, 4, "/bin/other", List.of());
    s.refresh();
    assertThat(bits).as("another process of that number").isEmpty();
  }

  @Test
  void aRootThatNoLongerMatchesTakesItsDescendantsAlong() throws IOException {
    process(10, 1, "/bin/a", List.of(20), 500);
    process(20, 2, "/bin/b", List.of());
    Selector s = selector(new Selector.Port(8080));
    s.refresh();
    assertThat(bits).containsExactly(10, 20);
    Files.delete(proc.resolve("10/fd/3"));
    s.refresh();
    assertThat(bits).isEmpty();
  }

  @Test
  void aReusedNumberIsSetAgain() throws IOException {
    process(10, 1, "/bin/a", List.of());
    Selector s = selector(new Selector.Exe("/bin/a"));
    s.refresh();
    s.refresh();
    assertThat(calls).containsExactly("+10");
    process(10, 7, "/bin/a", List.of());
    s.refresh();
    assertThat(calls).as("the kernel cleared it at exit").containsExactly("+10", "+10");
  }

  @Test
  void aProcessThatEndsMeanwhileIsNotLeftSelected() throws IOException {
    process(10, 1, "/bin/a", List.of());
    Selector s =
        new Selector(
            proc,
            List.of(new Selector.Pid(10)),
            new Selector.Bits() {
              @Override
              public void set(int tgid) {
                recorder.set(tgid);
                try {
                  gone(tgid);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              }

              @Override
              public void clear(int tgid) {
                recorder.clear(tgid);
              }
            },
            SELF);
    s.refresh();
    assertThat(calls).containsExactly("+10", "-10");
    assertThat(s.selected()).isEmpty();
  }

  @Test
  void neitherThisProcessNorTheFirstIsSelected() throws IOException {
    process(1, 1, "/bin/a", List.of(10, SELF), 500);
    process(10, 2, "/bin/b", List.of());
    process(SELF, 3, "/bin/a", List.of(11), 500);
    process(11, 4, "/bin/c", List.of());
    process(12, 4, "/bin/a", List.of(SELF), 500);
    Selector s =
        selector(new Selector.Port(8080), new Selector.Exe("*/a"), new Selector.Pid(SELF), new Selector.Pid(404));
    s.refresh();
    assertThat(bits).containsExactly(12);
    Selector first = selector(new Selector.Pid(1));
    first.refresh();
    assertThat(first.selected()).as("by its number, and alone").containsExactly(1);
  }

  @Test
  void closingClearsAll() throws IOException {
    process(10, 1, "/bin/a", List.of(20));
    process(20, 2, "/bin/b", List.of());
    Selector s = selector(new Selector.Pid(10));
    s.refresh();
    s.close();
    assertThat(bits).isEmpty();
    assertThat(s.selected()).isEmpty();
  }

  @Test
  void rulesAreChecked() {
    assertThatThrownBy(() -> new Selector.Port(0)).hasMessage("port 0 is not 1 to 65535");
    assertThatThrownBy(() -> new Selector.Pid(-1)).hasMessage("pid -1 is not 1 or more");
    assertThatThrownBy(() -> new Selector.Exe(" ")).hasMessage("exe is empty");
  }

  /** Shows the selector the real /proc of a process that this test started. */
  private void show(long pid) throws IOException {
    Path real = Path.of("/proc", "" + pid);
    Path link = proc.resolve("" + pid);
    if (!Files.exists(link)) Files.createSymbolicLink(link, real);
    started.add(ProcessHandle.of(pid).orElseThrow());
  }

  @Test
  void realProcessesByPidAndProgram() throws IOException {
    Process shell = new ProcessBuilder("sh", "-c", "sleep 60 & echo $!; wait").start();
    show(shell.pid());
    int child = Integer.parseInt(line(shell));
    show(child);
    Selector s = selector(new Selector.Pid((int) shell.pid()));
    s.refresh();
    assertThat(bits).containsExactlyInAnyOrder((int) shell.pid(), child);
    assertThat(s.why(child)).contains("descendant of " + shell.pid() + ", pid " + shell.pid());

    ProcessHandle.of(shell.pid()).orElseThrow().destroyForcibly();
    shell.onExit().join();
    s.refresh();
    assertThat(s.selected()).as("the child goes on without its shell").containsExactly(child);

    Selector byExe = selector(new Selector.Exe("*/" + Path.of("/proc/" + child + "/exe").toRealPath().getFileName()));
    byExe.refresh();
    assertThat(byExe.selected()).containsExactly(child);
  }

  @Test
  void aRealServerByItsPort() throws IOException {
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Path.of("target", "test-classes").toString(),
                Listener.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    show(server.pid());
    int port = Integer.parseInt(line(server));
    Selector s = selector(new Selector.Port(port));
    s.refresh();
    assertThat(s.selected()).containsExactly((int) server.pid());
    assertThat(s.why((int) server.pid())).contains("port " + port);
    ProcProcesses processes = new ProcProcesses(proc);
    assertThat(processes.listens((int) server.pid(), port)).isTrue();
    assertThat(processes.resource((int) server.pid()).attributes())
        .containsEntry("process.executable.name", "java")
        .containsEntry("process.pid", "" + server.pid());
  }

  private static String line(Process p) throws IOException {
    BufferedReader out = p.inputReader();
    return out.readLine();
  }
}
