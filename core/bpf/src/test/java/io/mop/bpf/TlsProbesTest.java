package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.TestContext;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which processes are probed, and that nothing is left in them. */
@NeedsBpf
@Timeout(300)
class TlsProbesTest {
  /** int3, which the kernel puts in the place of an instruction that is probed. */
  private static final int BREAKPOINT = 0xcc;

  @TempDir Path directory;
  private final TestContext context = new TestContext("receivers.ebpf");
  private Probe probe;
  private TlsProbes tls;
  private TlsPeers peers;

  @BeforeEach
  void start() throws BpfException {
    probe = Probe.start(8 << 20, EbpfPlugin.Hook.AUTO);
    tls = TlsProbes.start(probe, context);
    peers = new TlsPeers(directory);
  }

  @AfterEach
  void stop() {
    tls.close();
    probe.close();
  }

  /** The library of a process: its file, and where each site is in the process's memory. */
  private record Mapped(int pid, List<Long> sites) {
    static Mapped of(int pid) throws IOException {
      TlsLibraries libraries = new TlsLibraries(Path.of("/proc"));
      TlsLibraries.Library library = libraries.of(pid).stream().filter(l -> !l.program()).findFirst().orElseThrow();
      List<Long> sites = new ArrayList<>();
      for (TlsSites.Site site : libraries.read(library).sites().sites()) {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
          String[] f = line.split("\\s+");
          if (f.length < 6 || !f[5].endsWith("/" + library.name()) || f[1].charAt(2) != 'x') continue;
          String[] range = f[0].split("-");
          long from = Long.parseLong(range[0], 16);
          long at = from + site.offset() - Long.parseLong(f[2], 16);
          if (at >= from && at < Long.parseLong(range[1], 16)) sites.add(at);
        }
      }
      return new Mapped(pid, sites);
    }

    List<Integer> code() throws IOException {
      List<Integer> bytes = new ArrayList<>();
      try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
        for (long at : sites) {
          memory.seek(at);
          bytes.add(memory.read());
        }
      }
      return bytes;
    }
  }

  private void find(int... pids) {
    Set<Integer> all = new java.util.HashSet<>();
    for (int pid : pids) {
      all.add(pid);
      probe.selection().set(pid);
    }
    TestReader.await("OpenSSL is found", () -> {
      tls.look(all);
      return all.stream().allMatch(p -> tls.of(p).isPresent());
    });
  }

  /** A process that is not selected pays nothing: the code that it shares with one that is is not changed for it. */
  @Test
  void onlyTheCodeOfASelectedProcessIsChangedAndOnlyForAsLong() throws Exception {
    try (Child server = peers.serving(peers.nginx(false)); Child other = peers.pythonClient()) {
      other.run().tell("/other");
      TestReader.await("the other has sent", () -> peers.logged("/other") == 1);
      Mapped probed = Mapped.of(server.pid());
      Mapped stranger = Mapped.of(other.pid());
      List<Integer> before = probed.code();
      assertThat(before).hasSize(3).doesNotContain(BREAKPOINT);
      find(server.pid());
      assertThat(probed.code()).containsOnly(BREAKPOINT);
      assertThat(stranger.code()).isEqualTo(before);
      other.tell("/more");
      TestReader.await("the plaintext is counted", () -> probe.counters().get(Counter.TLS) >= 2);
      tls.look(Set.of()); // no longer selected
      assertThat(probed.code()).isEqualTo(before);
      assertThat(tls.reports()).isEmpty();
      find(server.pid());
      assertThat(probed.code()).containsOnly(BREAKPOINT);
      tls.close();
      assertThat(probed.code()).isEqualTo(before);
      assertThat(server.alive()).isTrue();
    }
  }

  @Test
  void aForkedChildIsProbedAtTheNextLook() throws Exception {
    try (Child master = peers.serving(peers.nginx(true))) {
      int first = worker(master, 0);
      find(master.pid(), first);
      ProcessHandle.of(first).orElseThrow().destroyForcibly();
      int second = worker(master, first);
      find(master.pid(), second);
      long before = probe.counters().get(Counter.TLS);
      try (HttpClient client = HttpClient.tls(peers.port())) {
        for (int i = 0; i < 50; i++) client.get("/child");
        TestReader.await("all is counted", () -> probe.counters().get(Counter.TLS) - before >= 100);
        assertThat(probe.counters().get(Counter.TLS) - before).isEqualTo(100);
      }
      assertThat(probe.counters().get(Counter.TLS_UNJOINED)).isZero();
    }
  }

  private static int worker(Child master, int other) {
    int[] pid = new int[1];
    TestReader.await("a worker runs", () -> {
      pid[0] = ProcessHandle.of(master.pid()).orElseThrow().children().mapToInt(h -> (int) h.pid())
          .filter(p -> p != other).findFirst().orElse(0);
      return pid[0] != 0;
    });
    return pid[0];
  }

  @Test
  void aProgramWithoutOpenSslIsNoReport() {
    try (Child sleeping = new Child("sleep", "600")) {
      sleeping.run();
      tls.look(Set.of(sleeping.pid()));
      assertThat(tls.reports()).isEmpty();
      assertThat(context.count("tls_fast") + context.count("tls_refused")).isZero();
    }
  }

  /** A library that was deleted while it is in use cannot be opened by its path. */
  @Test
  void aLibraryThatCannotBeProbedIsReportedWithTheReason() throws Exception {
    try (Child usual = pythonWithSsl("A=b"); Child python = pythonWithSsl("LD_LIBRARY_PATH=" + directory)) {
      Path copy = Files.copy(mapped(usual.run()), directory.resolve("libssl.so.3"));
      int pid = python.pid();
      assertThat(mapped(python.run()).toString()).endsWith(copy.toString());
      Files.delete(copy);
      Files.copy(mapped(usual), copy); // as an upgrade does; it is not the one in use
      tls.look(Set.of(pid));
      assertThat(tls.reports()).singleElement().satisfies(r -> assertThat(r.toString())
          .isEqualTo("libssl.so.3: cannot be probed: its file was deleted or replaced"));
      assertThat(tls.of(pid)).contains("TLS by libssl.so.3: cannot be probed: its file was deleted or replaced");
      assertThat(context.count("tls_refused")).isEqualTo(1);
    }
  }

  private static Child pythonWithSsl(String variable) {
    return new Child("env", variable, "python3", "-c", "import ssl, sys; sys.stdin.read()");
  }

  /** The library of the process, once it is there. */
  private static Path mapped(Child process) {
    List<Path> found = new ArrayList<>();
    TestReader.await("the library is mapped", () -> {
      new TlsLibraries(Path.of("/proc")).of(process.pid()).stream().filter(l -> !l.program())
          .forEach(l -> found.add(l.file()));
      return !found.isEmpty();
    });
    return found.get(0);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "'-all,+bpf,+perfmon,+sys_ptrace', 'read by uprobes (fast)'",
    "'-all,+bpf,+perfmon', 'TLS by a library that may not be looked for: cannot be probed: CAP_SYS_PTRACE is needed'",
  })
  void privileges(String capabilities, String expected) {
    try (Child nginx = peers.serving(peers.nginx(false))) {
      List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set", capabilities));
      command.addAll(Child.javaCommand(TlsMain.class, "" + nginx.pid()));
      try (Child child = new Child(command.toArray(new String[0]))) {
        assertThat(child.run().output().strip()).endsWith(expected);
      }
    }
  }
}
