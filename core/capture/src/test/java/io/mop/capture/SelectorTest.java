package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectorTest {
  private static final int SELF = 99;

  @TempDir Path proc;
  private FakeProc fake;
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

  @BeforeEach
  void fake() {
    fake = new FakeProc(proc);
  }

  @AfterEach
  void stop() {
    for (ProcessHandle p : started) {
      p.destroyForcibly();
      p.onExit().join();
    }
  }

  /** Each condition is a rule. */
  private Selector selector(Rule.Condition... conditions) {
    return new Selector(proc, Stream.of(conditions).map(Rule::new).toList(), recorder, SELF);
  }

  @Test
  void withoutARuleNothingIsSelected() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(), 500);
    Selector s = selector();
    s.refresh();
    assertThat(calls).isEmpty();
    assertThat(s.why(10)).isEmpty();
  }

  @Test
  void portsAreThoseListenedOn() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(), 500);
    fake.process(11, 1, "/bin/b", List.of(), 502);
    fake.process(12, 1, "/bin/c", List.of(), 503);
    Selector s = selector(new Rule.Port(8080), new Rule.Port(8081), new Rule.Port(9090));
    s.refresh();
    assertThat(bits).containsExactly(10, 12);
    assertThat(s.why(10)).contains("port 8080");
    assertThat(s.why(12)).contains("port 9090");
    assertThat(s.why(11)).isEmpty();
  }

  @Test
  void executablesAreMatchedByTheirWholePath() throws IOException {
    fake.process(10, 1, "/usr/sbin/nginx", List.of());
    fake.process(11, 1, "/usr/sbin/nginx (deleted)", List.of());
    fake.process(12, 1, "/usr/sbin/nginx.old", List.of());
    fake.process(13, 1, "/opt/app-1/bin/run", List.of());
    Selector s = selector(new Rule.Exe("*/nginx"), new Rule.Exe("/opt/app-?/*"));
    s.refresh();
    assertThat(bits).containsExactly(10, 11, 13);
    assertThat(s.why(13)).contains("exe /opt/app-?/*");
  }

  @Test
  void descendantsAreSelectedAndOutliveTheirParents() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(20));
    fake.process(20, 2, "/bin/b", List.of(30));
    fake.process(30, 3, "/bin/c", List.of());
    Selector s = selector(new Rule.Pid(10));
    s.refresh();
    assertThat(bits).containsExactly(10, 20, 30);
    assertThat(s.why(30)).contains("descendant of 10, pid 10");
    fake.gone(20);
    s.refresh();
    assertThat(bits).as("the root lives").containsExactly(10, 30);
    fake.gone(10);
    s.refresh();
    assertThat(bits).as("the root has ended").containsExactly(30);
    fake.process(30, 4, "/bin/other", List.of());
    s.refresh();
    assertThat(bits).as("another process of that number").isEmpty();
  }

  @Test
  void aRootThatNoLongerMatchesTakesItsDescendantsAlong() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(20), 500);
    fake.process(20, 2, "/bin/b", List.of());
    Selector s = selector(new Rule.Port(8080));
    s.refresh();
    assertThat(bits).containsExactly(10, 20);
    Files.delete(proc.resolve("10/fd/3"));
    s.refresh();
    assertThat(bits).isEmpty();
  }

  @Test
  void aReusedNumberIsSetAgain() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    Selector s = selector(new Rule.Exe("/bin/a"));
    s.refresh();
    s.refresh();
    assertThat(calls).containsExactly("+10");
    fake.process(10, 7, "/bin/a", List.of());
    s.refresh();
    assertThat(calls).as("the kernel cleared it at exit").containsExactly("+10", "+10");
  }

  @Test
  void aProcessThatEndsMeanwhileIsNotLeftSelected() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    Selector s =
        new Selector(
            proc,
            List.of(new Rule(new Rule.Pid(10))),
            new Selector.Bits() {
              @Override
              public void set(int tgid) {
                recorder.set(tgid);
                try {
                  fake.gone(tgid);
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
    fake.process(1, 1, "/bin/a", List.of(10, SELF), 500);
    fake.process(10, 2, "/bin/b", List.of());
    fake.process(SELF, 3, "/bin/a", List.of(11), 500);
    fake.process(11, 4, "/bin/c", List.of());
    fake.process(12, 4, "/bin/a", List.of(SELF), 500);
    Selector s =
        selector(new Rule.Port(8080), new Rule.Exe("*/a"), new Rule.Pid(SELF), new Rule.Pid(404));
    s.refresh();
    assertThat(bits).containsExactly(12);
    Selector first = selector(new Rule.Pid(1));
    first.refresh();
    assertThat(first.selected()).as("by its number, and alone").containsExactly(1);
  }

  @Test
  void closingClearsAll() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(20));
    fake.process(20, 2, "/bin/b", List.of());
    Selector s = selector(new Rule.Pid(10));
    s.refresh();
    s.close();
    assertThat(bits).isEmpty();
    assertThat(s.selected()).isEmpty();
    s.refresh();
    assertThat(bits).as("a look that comes late").isEmpty();
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
    Selector s = selector(new Rule.Pid((int) shell.pid()));
    s.refresh();
    assertThat(bits).containsExactlyInAnyOrder((int) shell.pid(), child);
    assertThat(s.why(child)).contains("descendant of " + shell.pid() + ", pid " + shell.pid());

    ProcessHandle.of(shell.pid()).orElseThrow().destroyForcibly();
    shell.onExit().join();
    s.refresh();
    assertThat(s.selected()).as("the child goes on without its shell").containsExactly(child);

    Selector byExe = selector(new Rule.Exe("*/" + Path.of("/proc/" + child + "/exe").toRealPath().getFileName()));
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
    Selector s = selector(new Rule.Port(port));
    s.refresh();
    assertThat(s.selected()).containsExactly((int) server.pid());
    assertThat(s.why((int) server.pid())).contains("port " + port);
    ProcProcesses processes = new ProcProcesses(proc);
    assertThat(processes.listens((int) server.pid(), port)).isTrue();
    assertThat(processes.resource((int) server.pid()).attributes())
        .containsEntry("process.executable.name", "java")
        .containsEntry("process.pid", server.pid());
  }

  private static String line(Process p) throws IOException {
    BufferedReader out = p.inputReader();
    return out.readLine();
  }
}
