package io.mop.bpf;

import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mop.testkit.TestContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** The plaintext of real programs that use OpenSSL, byte by byte, on the connection that carried it. */
@OnBothHooks
@Timeout(300)
class TlsTest {
  private static final int REQUESTS = 200;

  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;
  private final TestContext context = new TestContext("receivers.ebpf");
  private Probe probe;
  private TlsProbes tls;
  private Recording recording;
  private TlsPeers peers;

  @BeforeEach
  void start() throws BpfException {
    probe = Probe.start(8 << 20, hook);
    tls = TlsProbes.start(probe, context);
    recording = new Recording(probe.ring());
    peers = new TlsPeers(directory);
  }

  @AfterEach
  void stop() {
    tls.close();
    probe.close();
  }

  /** Selects a running process and looks until its library is probed. */
  private void select(int pid) {
    select(pid, "read by uprobes (fast)");
  }

  private void select(int pid, String state) {
    probe.selection().set(pid);
    TestReader.await("OpenSSL is found in " + pid, () -> {
      tls.look(Set.of(pid));
      return tls.of(pid).isPresent();
    });
    assertThat(tls.of(pid).get()).endsWith(state);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String plain(List<Recording.Copy> records, int dir) {
    return String.join("", records.stream().filter(r -> r.plain(dir)).map(Recording.Copy::text).toList());
  }

  /** Those with plaintext. */
  private static Set<Long> connections(List<Recording.Copy> records) {
    return records.stream().filter(r -> r.plain(RECV) || r.plain(SEND)).map(Recording.Copy::conn)
        .collect(Collectors.toSet());
  }

  /** All plaintext is that of the client, in order, of one announced connection, whose numbers and positions are whole. */
  private void assertExact(int received, String in, String out) {
    recording.until(
        "all plaintext",
        () -> recording.plain(RECV).length() >= received && recording.plain(SEND).length() >= out.length());
    assertThat(recording.plain(RECV)).isEqualTo(in);
    assertThat(recording.plain(SEND)).isEqualTo(out);
    List<Recording.Copy> plain =
        recording.all().stream().filter(r -> r.plain(RECV) || r.plain(SEND) || r.kind() == Recording.TLS_END).toList();
    Set<Long> connections = new HashSet<>();
    int[] position = new int[2];
    int seq = 0;
    for (Recording.Copy r : plain) {
      connections.add(r.conn());
      assertThat(r.seq()).isEqualTo(seq++);
      assertThat(r.position() - r.len()).isEqualTo(position[r.dir()]);
      position[r.dir()] = r.position();
    }
    assertThat(connections).hasSize(1).isSubsetOf(recording.opens().stream().map(Recording.Copy::conn).toList());
    Sums.assertBalanced(probe.counters());
    assertThat(probe.counters().get(Counter.RESERVE_FAILED)).isZero();
  }

  @Test
  void nginxAlsoOnAConnectionFromBefore() throws IOException {
    try (Child nginx = peers.serving(peers.nginx(false)); HttpClient client = HttpClient.tls(peers.port())) {
      client.get("/before");
      select(nginx.pid());
      int sent = client.sent().length;
      int received = client.received().length;
      for (int i = 0; i < REQUESTS; i++) client.get("/after" + i);
      String in = text(client.sent()).substring(sent);
      assertExact(in.length(), in, text(client.received()).substring(received));
      assertThat(recording.of(recording.connection(client.port()))).anyMatch(r -> r.plain(RECV));
      assertThat(probe.counters().get(Counter.TLS)).isEqualTo(2L * REQUESTS);
      assertThat(probe.counters().get(Counter.TLS_UNJOINED)).isZero();
      assertThat(peers.logged("/after")).isEqualTo(REQUESTS);
      assertThat(tls.reports()).singleElement().satisfies(r ->
          assertThat(r.toString())
              .matches("libssl\\.so\\.\\S+ build-id [0-9a-f]+: read by uprobes \\(fast\\), sites: (callee )?entry"));
      assertThat(context.count("tls_fast")).isEqualTo(1);
    }
  }

  @Test
  void pythonAsServer() throws IOException {
    try (Child python = peers.serving(peers.pythonServer("A=b"))) {
      select(python.pid());
      try (HttpClient client = HttpClient.tls(peers.port())) {
        for (int i = 0; i < REQUESTS; i++) client.get("/python" + i);
        assertExact(client.sent().length, text(client.sent()), text(client.received()));
      }
      recording.until("the end", () -> recording.all().stream().anyMatch(r -> r.kind() == Recording.TLS_END));
    }
  }

  /** The same library with one instruction that the way to the cheap sites does not know: a nop for xor eax, eax. */
  @Test
  void aLibraryWithoutCheapSitesIsReadSlowlyAndSaidToBe() throws IOException {
    TlsLibraries.Library library = usualLibrary();
    byte[] code = Files.readAllBytes(library.file());
    try (ElfFile elf = ElfFile.open(library.file())) {
      for (long address : elf.exported(Set.of("SSL_read", "SSL_write")).values()) {
        int at = Math.toIntExact(elf.offset(address).orElseThrow());
        int xor = text(code).indexOf("\u0031\u00c0", at);
        assumeTrue(xor >= at && xor < at + 64, "the library is laid out otherwise");
        code[xor] = 0x66;
        code[xor + 1] = (byte) 0x90;
      }
    }
    Path changed = Files.write(directory.resolve("libssl.so.3"), code);
    TlsLibraries libraries = new TlsLibraries(Path.of("/proc"));
    assertThat(libraries.read(library).sites().slow()).isFalse();
    assertThat(libraries.read(new TlsLibraries.Library("libssl.so.3", changed, false)).sites().slow())
        .as("its build id is that of the other")
        .isTrue();
    try (Child python = peers.serving(peers.pythonServer("LD_LIBRARY_PATH=" + directory))) {
      select(python.pid(), "read by uprobes (slow: about 10 us per call on virtual machines)");
      assertThat(tls.reports().get(0).toString()).endsWith(", sites: entry, single-stepped");
      assertThat(context.count("tls_slow")).isEqualTo(1);
      try (HttpClient client = HttpClient.tls(peers.port())) {
        for (int i = 0; i < REQUESTS; i++) client.get("/slow" + i);
        assertExact(client.sent().length, text(client.sent()), text(client.received()));
      }
    }
  }

  /** That python3 has mapped. */
  private TlsLibraries.Library usualLibrary() {
    try (Child python = new Child("python3", "-c", "import ssl, sys; sys.stdin.read()")) {
      python.run();
      List<TlsLibraries.Library> found = new ArrayList<>();
      TestReader.await("the library is mapped", () -> {
        new TlsLibraries(Path.of("/proc")).of(python.pid()).stream().filter(l -> !l.program()).forEach(found::add);
        return !found.isEmpty();
      });
      // Its path goes through the process, which ends.
      Path file = Path.of("/").resolve(found.get(0).file().subpath(3, found.get(0).file().getNameCount()));
      return new TlsLibraries.Library(found.get(0).name(), file, false);
    }
  }

  @Test
  void pythonAsClient() throws IOException {
    try (Child nginx = peers.serving(peers.nginx(false)); Child python = peers.pythonClient()) {
      python.run();
      select(python.pid());
      StringBuilder sent = new StringBuilder();
      for (int i = 0; i < REQUESTS; i++) {
        python.tell("/client" + i);
        sent.append("GET /client" + i + " HTTP/1.1\r\nHost: test\r\n\r\n");
      }
      recording.until("the last answer", () -> recording.plain(RECV).endsWith("of /client" + (REQUESTS - 1)));
      assertExact(0, recording.plain(RECV), sent.toString());
      assertThat(recording.plain(RECV).split("HTTP/1.1 200 OK", -1)).hasSize(REQUESTS + 1);
      assertThat(peers.logged("/client")).isEqualTo(REQUESTS);
      assertThat(nginx.alive()).isTrue();
    }
  }

  /** Selected when it was a shell, and looked at never again. */
  @Test
  void aProgramThatIsExecutedLaterIsReadFromItsFirstCall() throws IOException {
    try (Child nginx = peers.serving(peers.nginx(false));
        Child curl = peers.curl("/c[1-" + REQUESTS + "]")) {
      probe.selection().set(curl.pid());
      tls.look(Set.of(curl.pid()));
      assertThat(tls.reports()).isEmpty();
      assertThat(curl.run().output()).contains("of /c" + REQUESTS);
      assertThat(curl.awaitExit()).isZero();
      recording.until("the last answer", () -> recording.plain(RECV).endsWith("of /c" + REQUESTS));
      assertThat(recording.plain(SEND).split("GET /c\\d+ HTTP/1.1\r\n", -1)).hasSize(REQUESTS + 1);
      assertExact(0, recording.plain(RECV), recording.plain(SEND));
      TestReader.await("nginx has logged", () -> peers.logged("/c") == REQUESTS);
      assertThat(nginx.alive()).isTrue();
    }
  }

  @Test
  void nodeAsClient() throws IOException {
    try (Child nginx = peers.serving(peers.nginx(false)); Child node = peers.nodeClient()) {
      node.run();
      TlsLibraries libraries = new TlsLibraries(Path.of("/proc"));
      TestReader.await("node runs", () -> libraries.program(node.pid()).orElse("").endsWith("/node"));
      select(node.pid());
      for (int i = 0; i < REQUESTS; i++) node.tell("/node" + i);
      recording.until("the last answer", () -> recording.plain(RECV).contains("of /node" + (REQUESTS - 1)));
      assertThat(recording.plain(SEND).split("GET /node\\d+ HTTP/1.1\r\n", -1)).hasSize(REQUESTS + 1);
      assertThat(recording.plain(RECV).split("HTTP/1.1 200 OK\r\n", -1)).hasSize(REQUESTS + 1);
      assertThat(connections(recording.all())).containsExactly(recording.connection(peers.port()));
      assertThat(probe.counters().get(Counter.TLS_UNJOINED)).isZero();
      assertThat(nginx.alive()).isTrue();
    }
  }

  /** Its OpenSSL is fed from memory, and is in the program, or a library where a distribution builds it so. */
  @Test
  void nodeAsServer() throws IOException {
    try (Child node = peers.serving(peers.nodeServer())) {
      select(node.pid());
      assertThat(tls.reports()).singleElement().satisfies(r -> assertThat(r.library()).matches("node.*|libssl\\.so.*"));
      try (HttpClient first = HttpClient.tls(peers.port())) {
        first.get("/first"); // the thread is known from its first call on
        recording.until("an answer", () -> recording.plain(SEND).endsWith("/first"));
      }
      long before = recording.all().size();
      try (HttpClient client = HttpClient.tls(peers.port())) {
        for (int i = 0; i < REQUESTS; i++) client.get("/node" + i);
        recording.until("the last answer", () -> recording.plain(SEND).endsWith("/node" + (REQUESTS - 1)));
        List<Recording.Copy> later = recording.all().stream().skip(before).toList();
        assertThat(connections(later)).containsExactly(recording.connection(client.port()));
        assertThat(plain(later, RECV)).isEqualTo(text(client.sent()));
        assertThat(plain(later, SEND)).isEqualTo(text(client.received()));
      }
      Sums.assertBalanced(probe.counters());
    }
  }
}
