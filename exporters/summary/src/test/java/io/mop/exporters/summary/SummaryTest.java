package io.mop.exporters.summary;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mop.api.data.Signal;
import io.mop.exporters.summary.Fakes.Delivered;
import io.mop.exporters.summary.Fakes.Span;
import io.mop.exporters.summary.Fakes.TestBatch;
import io.mop.exporters.summary.Fakes.TestContext;
import io.mop.exporters.summary.Summary.Ansi;
import io.mop.exporters.summary.Summary.Config;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final long MS = 1_000_000;

  private final TestContext context = new TestContext();
  private final Delivered outcome = new Delivered();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  private SummaryExporter exporter(boolean redraw, int rows, int maxOperations, String... note) {
    Config config =
        new Config(
            Duration.ofSeconds(2), Duration.ofSeconds(10), Ansi.AUTO, rows, maxOperations, List.of(note));
    return new SummaryExporter(config, context, new Screen(new PrintStream(screen, true), redraw));
  }

  private String drawn() {
    String s = screen.toString(StandardCharsets.UTF_8);
    screen.reset();
    return s;
  }

  private static TestBatch repeat(int n, Span span) {
    return new TestBatch(Signal.TRACES, Collections.nCopies(n, span));
  }

  @Test
  void theLiveTableShowsRatesErrorsAndQuantiles() {
    SummaryExporter exporter = exporter(false, 20, 500, "also: otlp to http://tempo:4318");
    assertThat(context.period).isEqualTo(Duration.ofSeconds(2));
    context.tick.run();
    assertThat(drawn()).isEqualTo("\nwaiting for spans\nalso: otlp to http://tempo:4318\n");
    exporter.export(repeat(19, Span.of("shop", 2, 0, 2 * MS, "GET /")), outcome);
    exporter.export(repeat(1, Span.of("shop", 2, 2, 1500 * MS, "GET /")), outcome);
    context.seconds(4);
    exporter.export(repeat(20, Span.of("shop", 3, 1, 420_000, "SELECT orders")), outcome);
    exporter.export(TestBatch.of(Span.of(null, 0, 0, -5, "?")), outcome);
    context.tick.run();
    // P50 of 19 × 2 ms and 1 × 1.5 s: the bucket's middle, within 1/32.
    assertThat(drawn())
        .isEqualTo(
            """

            SERVICE  OPERATION      KIND    REQ/S  ERR %      P50      P95  TOTAL
            shop     GET /          server    5.0    5.0  2.00 ms  2.00 ms     20
            shop     SELECT orders  client    5.0    0.0   418 µs   418 µs     20
            -        ?              -         0.3    0.0     0 ns     0 ns      1
            total 41 spans, 1 errors, 10.3/s
            also: otlp to http://tempo:4318
            """);
    context.tick.run();
    assertThat(drawn()).as("a table that says nothing new").isEmpty();
    assertThat(outcome.count).hasValue(4);
    exporter.close();
  }

  @Test
  void ratesAreOfTheWindow() {
    SummaryExporter exporter = exporter(false, 20, 500);
    for (int i = 0; i < 30; i++) {
      exporter.export(repeat(i < 15 ? 100 : 40, Span.of("a", 2, 0, MS, "x")), outcome);
      context.seconds(1);
    }
    context.seconds(-0.000_000_001);
    context.tick.run();
    assertThat(drawn()).contains("  40.0  ").contains("total 2100 spans, 0 errors, 40.0/s");
    context.seconds(600);
    exporter.export(repeat(5, Span.of("a", 2, 0, MS, "x")), outcome);
    context.tick.run();
    assertThat(drawn()).contains("total 2105 spans, 0 errors, 0.5/s");
    // A clock set back loses no span.
    context.seconds(-900);
    exporter.export(repeat(5, Span.of("a", 2, 0, MS, "x")), outcome);
    context.tick.run();
    assertThat(drawn()).contains("total 2110 spans");
  }

  @Test
  void theLastTableShowsAllOperationsAndTheWholeTime() {
    SummaryExporter exporter = exporter(false, 2, 3);
    for (int i = 0; i < 5; i++) {
      for (int n = 0; n < 5 - i; n++) exporter.export(repeat(10, Span.of("s", 2, 0, MS, "op" + i)), outcome);
    }
    exporter.export(new TestBatch(Signal.LOGS, List.of(Span.of("s", 0, 0, 0, ""))), outcome);
    exporter.export(new TestBatch(Signal.METRICS, Collections.nCopies(3, Span.of("s", 0, 0, 0, ""))), outcome);
    context.tick.run();
    assertThat(drawn().lines().map(l -> l.replaceAll("\\s+", " ")))
        .containsExactly(
            "",
            "SERVICE OPERATION KIND REQ/S ERR % P50 P95 TOTAL",
            "s op0 server 50.0 0.0 999 µs 999 µs 50",
            "s op1 server 40.0 0.0 999 µs 999 µs 40",
            " other 30.0 0.0 999 µs 999 µs 30",
            "… 1 more operations",
            "total 150 spans, 0 errors, 150.0/s",
            "and 3 data points",
            "and 1 log records");
    context.seconds(20);
    exporter.export(repeat(10, Span.of("s", 2, 2, MS, "op2")), outcome);
    context.seconds(300);
    exporter.close();
    assertThat(drawn().lines().map(l -> l.replaceAll("\\s+", " ")))
        .containsExactly(
            "",
            "SERVICE OPERATION KIND REQ/S ERR % P50 P95 TOTAL",
            "s op0 server 2.5 0.0 999 µs 999 µs 50",
            "s op1 server 2.0 0.0 999 µs 999 µs 40",
            "s op2 server 2.0 25.0 999 µs 999 µs 40",
            " other 1.5 0.0 999 µs 999 µs 30",
            "total 160 spans, 10 errors, in 20.0 s",
            "and 3 data points",
            "and 1 log records");
  }

  @Test
  void aTerminalIsDrawnOver() {
    SummaryExporter exporter = exporter(true, 20, 500, "note");
    context.tick.run();
    assertThat(drawn()).isEqualTo("\r\u001b[J\u001b[?7lwaiting for spans\nnote\n\u001b[?7h");
    context.tick.run();
    assertThat(drawn()).isEqualTo("\u001b[2A\r\u001b[J\u001b[?7lwaiting for spans\nnote\n\u001b[?7h");
    exporter.export(repeat(1, Span.of("a", 2, 0, MS, "x")), outcome);
    context.tick.run();
    assertThat(drawn()).startsWith("\u001b[2A\r\u001b[J\u001b[?7lSERVICE").endsWith("\nnote\n\u001b[?7h");
    exporter.close();
    assertThat(drawn()).startsWith("\u001b[4A\r\u001b[J\u001b[?7lSERVICE");
  }

  @Test
  void operationsAreToldApartByServiceKindAndName() {
    SummaryExporter exporter = exporter(false, 20, 500);
    exporter.export(
        TestBatch.of(
            Span.of("ab", 2, 0, MS, "c"), Span.of("a", 2, 0, MS, "bc"), Span.of("a", 3, 0, MS, "bc"),
            Span.of("", 2, 0, MS, "abc"), Span.of(null, 2, 0, MS, "abc")),
        outcome);
    exporter.close();
    assertThat(drawn().lines().filter(l -> l.matches(".*(server|client).*")).map(l -> l.replaceAll("\\s+", " ")))
        .hasSize(4)
        .allMatch(l -> l.endsWith(l.startsWith("-") ? " 2" : " 1"));
  }

  @Test
  void namesCannotMoveTheCursorAndAreCut() {
    SummaryExporter exporter = exporter(false, 20, 500);
    // 'é' has two bytes: the 256-byte cut falls into the 129th.
    String longest = "x" + "é".repeat(300);
    exporter.export(
        TestBatch.of(
            Span.of("evil", 2, 0, MS, "a\n\u001b[2J\u202eb"), Span.of("long", 2, 0, MS, longest),
            Span.of("long", 2, 0, MS, longest + "y")),
        outcome);
    exporter.close();
    assertThat(drawn().lines().map(l -> l.replaceAll("\\s+", " ")))
        .anyMatch(l -> l.startsWith("evil a��[2J�b server"))
        .anyMatch(l -> l.startsWith("long x" + "é".repeat(38) + "… server") && l.endsWith(" 2"));
  }

  @Test
  void batchesFromManyThreadsAreAllCounted() throws InterruptedException {
    SummaryExporter exporter = exporter(false, 20, 500);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Span span = Span.of("svc", 2, t % 2 * 2, MS, "op" + t);
      threads.add(new Thread(() -> {
        for (int i = 0; i < 500; i++) exporter.export(repeat(20, span), outcome);
      }));
    }
    threads.forEach(Thread::start);
    for (Thread t : threads) t.join();
    exporter.close();
    assertThat(outcome.count).hasValue(2000);
    assertThat(drawn()).contains("total 40000 spans, 20000 errors,");
  }

  @Test
  void nothingIsAllocatedPerSpanOfAKnownOperation() {
    SummaryExporter exporter = exporter(false, 20, 500);
    List<Span> spans = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) spans.add(Span.of("service-" + i % 7, 2, 0, i * 977L, "GET /route/" + i % 50));
    TestBatch batch = new TestBatch(Signal.TRACES, spans);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long bytes = Long.MAX_VALUE;
    // The first rounds load classes and make the rows; the least of several is what the work itself takes.
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      exporter.export(batch, outcome);
      bytes = Math.min(bytes, threads.getCurrentThreadAllocatedBytes() - before);
    }
    exporter.close();
    assertThat(drawn()).contains("total 100000 spans");
    assertThat(bytes).as("bytes for 20,000 spans, the batch's cursor included").isLessThan(2_000);
  }
}
