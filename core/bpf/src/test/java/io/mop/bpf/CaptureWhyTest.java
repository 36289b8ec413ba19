package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Counters;
import io.mop.capture.Record;
import io.mop.control.Why;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestIntake;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a capture says of processes that the test started. */
class CaptureWhyTest {
  private final List<Process> started = new ArrayList<>();

  private Process start(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process);
    return process;
  }

  @AfterEach
  void stop() {
    for (Process p : started) {
      p.descendants().forEach(ProcessHandle::destroyForcibly);
      p.destroyForcibly().onExit().join();
    }
  }

  private static EbpfPlugin.Rule pid(long pid) {
    return EbpfPluginTest.rule(null, (int) pid, null);
  }

  /** Without a kernel: what it would have brought comes from the test. */
  @Nested
  class OfRecords {
    private final TreeSet<Integer> set = new TreeSet<>();
    private CaptureReader reader;

    private CaptureReader reader(EbpfPlugin.Rule... rules) {
      RecordReader.Bits bits = new RecordReader.Bits() {
        @Override
        public void set(int tgid) {
          set.add(tgid);
        }

        @Override
        public void clear(int tgid) {
          set.remove(tgid);
        }

        @Override
        public Set<Integer> all() {
          return new TreeSet<>(set);
        }
      };
      reader = new CaptureReader(
          TestConfig.of(rules), bits, new TestContext("receivers.ebpf"), new TestIntake(),
          new CaptureReaderTest.NoPlugins(), new CaptureReaderTest.NoDefaults());
      reader.refresh();
      return reader;
    }

    @AfterEach
    void close() {
      reader.close();
    }

    /** Drains until the answer is there, as the ring thread does. */
    private List<Why.Process> ask(Supplier<List<Why.Process>> question) {
      CompletableFuture<List<Why.Process>> answer = CompletableFuture.supplyAsync(question);
      while (!answer.isDone()) {
        reader.drained(System.nanoTime());
        Thread.onSpinWait();
      }
      return answer.join();
    }

    private Why.Process one(long pid) {
      List<Why.Process> found = ask(() -> reader.why().orElseThrow().process((int) pid));
      assertThat(found).hasSize(1);
      return found.get(0);
    }

    /** A connection on which {@code text} is received. */
    private void connection(long id, long pid, int localPort, int remotePort, String text) {
      ByteBuffer open = ByteBuffer.allocate(Record.HEADER + Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
      open.putLong(Record.CONN, id).put(Record.KIND, (byte) Record.OPEN);
      open.putShort(Record.CAP, (short) Record.OPEN_LENGTH);
      open.position(Record.HEADER);
      open.putInt((int) pid).putShort((short) 2).putShort((short) localPort).putShort((short) remotePort);
      open.put(Record.HEADER + 16, new byte[] {127, 0, 0, 1}).put(Record.HEADER + 32, new byte[] {127, 0, 0, 1});
      reader.accept(open, 0);
      ByteBuffer data = ByteBuffer.allocate(Record.HEADER + text.length()).order(ByteOrder.nativeOrder());
      data.putLong(Record.CONN, id).put(Record.KIND, (byte) Record.DATA).put(Record.DIR, (byte) Record.RECV);
      data.putInt(Record.LEN, text.length()).putShort(Record.CAP, (short) text.length());
      data.putInt(Record.RX, text.length());
      data.putInt(Record.TX, 1).put(Record.HEADER, text.getBytes(StandardCharsets.ISO_8859_1));
      reader.accept(data, 0);
    }

    @Test
    void aSelectedProcessAndItsConnections() throws Exception {
      Process sleep = start("sleep", "1000");
      long other = start("sleep", "1000").pid();
      reader(pid(sleep.pid()));
      for (int i = 0; i < 3; i++) connection(i, sleep.pid(), 8080, 40_000 + i, "SSH-2.0-x\r\n");
      connection(10, sleep.pid(), 40_000, 9000, "?");
      connection(11, other, 8080, 40_000, "?");
      Why.Process why = one(sleep.pid());
      assertThat(why.program()).endsWith("/sleep");
      assertThat(why.selected()).isTrue();
      assertThat(why.reason()).isEqualTo("pid " + sleep.pid());
      assertThat(why.rules()).isEmpty();
      assertThat(why.notes())
          .containsExactly("TLS: no library is mapped; one that is built into the program cannot be told");
      assertThat(why.connections()).extracting(Why.Connections::peer)
          .containsExactlyInAnyOrder("127.0.0.1:40000", "127.0.0.1:40001", "127.0.0.1:40002", "127.0.0.1:9000");
      assertThat(why.connections()).filteredOn(c -> c.kind().equals("ssh"))
          .allSatisfy(c -> assertThat(c.reason()).isEqualTo("SSH: no decoder installed"));
      assertThat(why.read()).isFalse();
    }

    @Test
    void aProcessThatIsNotSelected() throws Exception {
      Process sleep = start("sleep", "1000");
      Process other = start("sleep", "1000");
      reader(pid(other.pid()), EbpfPluginTest.rule(null, null, "*/nginx"));
      Why.Process why = one(sleep.pid());
      assertThat(why.selected()).isFalse();
      assertThat(why.reason()).isEmpty();
      assertThat(why.rules()).containsExactly(
          new Why.Rule("pid " + other.pid(),
              List.of(new Why.Condition("pid " + other.pid(), false, "the process is " + sleep.pid()))),
          new Why.Rule("exe */nginx",
              List.of(new Why.Condition("exe */nginx", false, "the program is " + why.program()))));
    }

    @Test
    void whatCanNeverBeSelected() {
      reader();
      Why.Process self = one(ProcessHandle.current().pid());
      assertThat(self.reason()).isEqualTo("it is MOP itself, which never observes itself");
      assertThat(one(1).reason()).startsWith("it is the first process");
      assertThat(ask(() -> reader.why().orElseThrow().process(4_194_303))).isEmpty();
    }

    @Test
    void oneThatHasEndedIsStillKnownByItsConnections() throws Exception {
      Process sleep = start("sleep", "1000");
      reader(pid(sleep.pid()));
      connection(1, sleep.pid(), 8080, 40_000, "SSH-2.0-x\r\n");
      sleep.destroyForcibly().waitFor();
      assertThat(one(sleep.pid()).reason()).isEqualTo("it has ended");
    }

    @Test
    void whatReadsATlsLibraryIsSaidInsteadOfItsFile() throws Exception {
      Process sleep = start("sleep", "1000");
      reader(pid(sleep.pid())).why().orElseThrow()
          .tls(pid -> Optional.of("TLS by libssl.so.3: read").filter(t -> pid == sleep.pid()));
      assertThat(one(sleep.pid()).notes()).containsExactly("TLS by libssl.so.3: read");
    }

    @Test
    void clientsOfAPort() throws Exception {
      Process sleep = start("sleep", "1000");
      reader(pid(sleep.pid()));
      for (int i = 0; i < 3; i++) connection(i, sleep.pid(), 40_000 + i, 1, "SSH-2.0-x\r\n");
      List<Why.Process> found = ask(() -> reader.why().orElseThrow().port(1));
      assertThat(found).extracting(Why.Process::part).containsExactly("client of 1");
      assertThat(found.get(0).connections()).singleElement().satisfies(c -> {
        assertThat(c.open()).isEqualTo(3);
        assertThat(c.bytesReceived()).isEqualTo(33);
        assertThat(c.peer()).isEqualTo("127.0.0.1:1");
      });
    }

    @Test
    void aRingThatIsNotReadIsSaid() throws Exception {
      Process sleep = start("sleep", "1000");
      reader(pid(sleep.pid()));
      List<Why.Process> undrained = reader.why().orElseThrow().process((int) sleep.pid());
      assertThat(undrained.get(0).notes()).contains("its connections cannot be told: the ring is not read now");
    }
  }

  @Test
  void everyCounterHasAMeaning() throws Exception {
    Map<String, Long> all = new TreeMap<>();
    for (String name : new CounterNames().all()) all.put(name, 1L);
    Map<Counter, Long> kernel = List.of(Counter.values()).stream().collect(Collectors.toMap(c -> c, c -> 1L));
    List<Why.Count> counts = Meanings.of(all, kernel);
    assertThat(counts).hasSize(all.size() + kernel.size()).noneMatch(c -> c.meaning().isEmpty());
    assertThat(Meanings.of(Map.of("records", 0L), Map.of(Counter.SEEN, 0L))).isEmpty();
  }

  /** Those of which a capture has values, with a reason where there is one. */
  private static final class CounterNames {
    List<String> all() throws IllegalAccessException {
      List<String> names = new ArrayList<>();
      for (Field f : Counters.class.getFields()) {
        boolean name = Modifier.isStatic(f.getModifiers()) && f.getType() == String.class;
        if (name && !REASONS.contains(f.getName())) names.add((String) f.get(null));
      }
      return names;
    }

    private static final Set<String> REASONS =
        Set.of("RECORD_LOST", "BYTES_MISSING", "CUT", "STREAM_FULL", "UNSYNCHRONISED", "EVICTED", "ID_REUSED",
            "CONNECTION_CLOSED", "CONNECTION_EVICTED", "LEFT", "PROTOCOL_REPLACED", "DECODER_FAILED", "STOPPED",
            "OTHER");
  }
}
