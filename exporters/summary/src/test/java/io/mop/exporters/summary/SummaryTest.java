package io.mop.exporters.summary;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.exporters.summary.Summary.Ansi;
import io.mop.exporters.summary.Summary.Config;
import io.mop.testkit.Allocation;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestSpan;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SummaryTest {
  private static final long MS = 1_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final TestContext context = new TestContext("exporters.summary");
  private final TestOutcome outcome = new TestOutcome();
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();

  private SummaryExporter exporter(boolean redraw, int rows, int maxOperations, String... note) {
    Config config =
        new Config(
            Duration.ofSeconds(2), Duration.ofSeconds(10), Ansi.AUTO, rows, maxOperations, List.of(note));
    return new SummaryExporter(config, context, new Screen(new PrintStream(screen, true), redraw, PATIENCE));
  }

  private String drawn() {
    String s = screen.toString(StandardCharsets.UTF_8);
    screen.reset();
    return s;
  }

  /** @param service null = the resource has no service.name */
  private static TestSpan span(String service, int kind, int status, long nanos, String name) {
    TestSpan span =
        TestSpan.of(name).kind(kind).status(status).times(TestContext.NOW, TestContext.NOW + nanos);
    return service == null ? span : span.resource("service.name", service);
  }

  private TestBatch repeat(int n, TestSpan span) {
    return TestBatch.traces(context, Collections.nCopies(n, span));
  }

  private void seconds(double n) {
    context.advance(Duration.ofNanos((long) (n * 1e9)));
  }

  @Test
  void theLiveTableShowsRatesErrorsAndQuantiles() {
    SummaryExporter exporter = exporter(false, 20, 500, "also: otlp to http://tempo:4318");
    assertThat(context.periods()).containsExactly(Duration.ofSeconds(2));
    context.tick();
    assertThat(drawn()).isEqualTo("\nwaiting for spans\nalso: otlp to http://tempo:4318\n");
    exporter.export(repeat(19, span("shop", 2, 0, 2 * MS, "GET /")), outcome);
    exporter.export(repeat(1, span("shop", 2, 2, 1500 * MS, "GET /")), outcome);
    seconds(4);
    exporter.export(repeat(20, span("shop", 3, 1, 420_000, "SELECT orders")), outcome);
    exporter.export(TestBatch.traces(context, span(null, 0, 0, -5, "?")), outcome);
    context.tick();
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
    context.tick();
    assertThat(drawn()).as("a table that says nothing new").isEmpty();
    assertThat(outcome.untaken()).hasSize(4).containsOnly("delivered");
    exporter.close();
    assertThat(context.periods()).as("timers after close").isEmpty();
    assertThat(context.unhealthy()).isEmpty();
  }

  @Test
  void ratesAreOfTheWindow() {
    SummaryExporter exporter = exporter(false, 20, 500);
    for (int i = 0; i < 30; i++) {
      exporter.export(repeat(i < 15 ? 100 : 40, span("a", 2, 0, MS, "x")), outcome);
      seconds(1);
    }
    seconds(-0.000_000_001);
    context.tick();
    assertThat(drawn()).contains("  40.0  ").contains("total 2100 spans, 0 errors, 40.0/s");
    seconds(600);
    exporter.export(repeat(5, span("a", 2, 0, MS, "x")), outcome);
    context.tick();
    assertThat(drawn()).contains("total 2105 spans, 0 errors, 0.5/s");
    // A clock set back loses no span.
    seconds(-900);
    exporter.export(repeat(5, span("a", 2, 0, MS, "x")), outcome);
    context.tick();
    assertThat(drawn()).contains("total 2110 spans");
  }

  @Test
  void theLastTableShowsAllOperationsAndTheWholeTime() {
    SummaryExporter exporter = exporter(false, 2, 3);
    for (int i = 0; i < 5; i++) {
      for (int n = 0; n < 5 - i; n++) exporter.export(repeat(10, span("s", 2, 0, MS, "op" + i)), outcome);
    }
    exporter.export(TestBatch.logs(context, List.of(span("s", 0, 0, 0, ""))), outcome);
    exporter.export(TestBatch.metrics(context, Collections.nCopies(3, span("s", 0, 0, 0, ""))), outcome);
    context.tick();
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
    seconds(20);
    exporter.export(repeat(10, span("s", 2, 2, MS, "op2")), outcome);
    seconds(300);
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
    context.tick();
    assertThat(drawn()).isEqualTo("\r\u001b[J\u001b[?7lwaiting for spans\nnote\n\u001b[?7h");
    context.tick();
    assertThat(drawn()).isEqualTo("\u001b[2A\r\u001b[J\u001b[?7lwaiting for spans\nnote\n\u001b[?7h");
    exporter.export(repeat(1, span("a", 2, 0, MS, "x")), outcome);
    context.tick();
    assertThat(drawn()).startsWith("\u001b[2A\r\u001b[J\u001b[?7lSERVICE").endsWith("\nnote\n\u001b[?7h");
    exporter.close();
    assertThat(drawn()).startsWith("\u001b[4A\r\u001b[J\u001b[?7lSERVICE");
  }

  @Test
  void operationsAreToldApartByServiceKindAndName() {
    SummaryExporter exporter = exporter(false, 20, 500);
    exporter.export(
        TestBatch.traces(
            context, span("ab", 2, 0, MS, "c"), span("a", 2, 0, MS, "bc"), span("a", 3, 0, MS, "bc"),
            span("", 2, 0, MS, "abc"), span(null, 2, 0, MS, "abc")),
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
        TestBatch.traces(
            context, span("evil", 2, 0, MS, "a\n\u001b[2J\u202eb"), span("long", 2, 0, MS, longest),
            span("long", 2, 0, MS, longest + "y")),
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
      TestSpan span = span("svc", 2, t % 2 * 2, MS, "op" + t);
      threads.add(new Thread(() -> {
        for (int i = 0; i < 500; i++) exporter.export(repeat(20, span), outcome);
      }));
    }
    threads.forEach(Thread::start);
    for (Thread t : threads) t.join();
    exporter.close();
    assertThat(outcome.untaken()).hasSize(2000).containsOnly("delivered");
    assertThat(drawn()).contains("total 40000 spans, 20000 errors,");
  }

  /** A full pipe: what {@code mop run | less} is before anybody scrolls. */
  @Test
  void whoDoesNotReadHoldsUpNoBatch() throws Exception {
    PipedInputStream reader = new PipedInputStream(16);
    Config config =
        new Config(Duration.ofSeconds(2), Duration.ofSeconds(10), Ansi.NEVER, 20, 500, List.of("a note"));
    Screen full = new Screen(new PrintStream(new PipedOutputStream(reader), true), false, Duration.ofMillis(1));
    SummaryExporter exporter = new SummaryExporter(config, context, full);
    CompletableFuture<Void> tick = CompletableFuture.runAsync(context::tick);
    while (reader.available() < 16) Thread.onSpinWait();
    CompletableFuture.runAsync(() -> exporter.export(repeat(3, span("a", 2, 0, MS, "x")), outcome))
        .get(60, TimeUnit.SECONDS);
    assertThat(outcome.untaken()).containsExactly("delivered");
    assertThat(tick).as("the table that nobody reads").isNotDone();
    CompletableFuture.runAsync(exporter::close).get(60, TimeUnit.SECONDS);
    StringBuilder shown = new StringBuilder();
    while (shown.indexOf("total 3 spans, 0 errors, in 1.0 s\na note\n") < 0) shown.append((char) reader.read());
    assertThat(shown.toString()).startsWith("\nwaiting for spans\na note\n\nSERVICE");
    tick.get(60, TimeUnit.SECONDS);
  }

  @Test
  void nothingIsAllocatedPerSpanOfAKnownOperation() {
    SummaryExporter exporter = exporter(false, 20, 500);
    List<TestSpan> spans = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) spans.add(span("service-" + i % 7, 2, 0, i * 977L, "GET /route/" + i % 50));
    TestBatch batch = TestBatch.traces(context, spans);
    long cursor = Allocation.least(batch::read);
    long bytes = Allocation.least(() -> exporter.export(batch, outcome));
    exporter.close();
    assertThat(drawn()).contains("total 100000 spans");
    assertThat(bytes - cursor).as("bytes for 20,000 spans beside the batch's cursor").isLessThan(2_000);
  }
}
