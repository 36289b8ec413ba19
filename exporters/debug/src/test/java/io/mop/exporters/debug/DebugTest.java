package io.mop.exporters.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.InvalidConfig;
import io.mop.exporters.debug.Debug.Config;
import io.mop.exporters.debug.Debug.Output;
import io.mop.exporters.debug.Debug.Verbosity;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DebugTest {
  private static final String ID = "exporters.debug: ";
  private static final TestSpan ORDERS =
      TestSpan.of("GET /api/orders").ids(10, 11, 12, 0).status(2)
          .times(1_800_000_000_000_000_000L, 1_800_000_000_001_250_000L)
          .attributes(
              Map.of("http.route", "/api/orders", "http.response.status_code", 503L, "ratio", 0.5, "cached", false,
                  "tags", List.of("a"), "user", "eve\n\u001b[2J"))
          .resource("service.name", "shop").resource("host.name", "node-1");
  private static final TestSpan JOB = TestSpan.of("x".repeat(300)).kind(1).times(5, 5);

  private final Logger logger = Logger.getLogger("io.mop.exporters.debug");
  private final List<String> lines = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord r) {
          lines.add(r.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };
  private final TestContext context = new TestContext("exporters.debug");
  private final TestOutcome outcome = new TestOutcome();

  @BeforeEach
  void listen() {
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  @AfterEach
  void silence() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private void export(Config config, TestBatch... batches) {
    Exporter exporter = new Debug().create(config, context);
    for (TestBatch batch : batches) exporter.export(batch, outcome);
    exporter.close();
    assertThat(outcome.untaken()).hasSize(batches.length).containsOnly("delivered");
    assertThat(context.unhealthy()).isEmpty();
  }

  private TestBatch batch(TestSpan... spans) {
    return TestBatch.traces(context, spans);
  }

  private static String header(TestBatch batch, String items) {
    return ID + items + ", " + batch.wire().remaining() + " bytes";
  }

  private static Config config(Verbosity verbosity, String... attributes) {
    return new Config(verbosity, 2, 1, List.of(attributes), Output.LOG, false);
  }

  @Test
  void basicIsALineABatch() {
    TestBatch traces = batch(ORDERS, JOB);
    TestBatch logs = TestBatch.logs(context, List.of(JOB)).tenant("eu");
    export(config(Verbosity.BASIC), traces, logs);
    assertThat(lines).containsExactly(
        header(traces, "traces: 2 spans"), header(logs, "logs: 1 log records") + ", tenant eu");
  }

  @Test
  void normalIsALineASpan() {
    TestBatch traces = batch(ORDERS, JOB);
    TestBatch metrics = TestBatch.metrics(context, List.of(JOB));
    export(config(Verbosity.NORMAL), traces, metrics);
    assertThat(lines).containsExactly(
        header(traces, "traces: 2 spans"),
        ID + "span: shop: server GET /api/orders 1.250 ms error",
        ID + "span: -: internal " + "x".repeat(256) + "… 0.000 ms",
        header(metrics, "metrics: 1 data points"));
  }

  @Test
  void detailedShowsIdsAndTheAttributesAskedFor() {
    Config config =
        config(Verbosity.DETAILED, "http.route", "http.response.status_code", "ratio", "cached", "tags", "host.name",
            "none", "user");
    TestBatch traces = batch(ORDERS);
    TestBatch logs = TestBatch.logs(context, List.of(ORDERS));
    export(config, traces, logs);
    String attributes =
        " http.route=/api/orders http.response.status_code=503 ratio=0.5 cached=false tags=<array> host.name=node-1"
            + " user=eve��[2J";
    assertThat(lines).containsExactly(
        header(traces, "traces: 1 spans"),
        ID + "span: shop: server GET /api/orders 1.250 ms error at 2027-01-15T08:00:00Z"
            + " trace=000000000000000a000000000000000b span=000000000000000c parent=0000000000000000" + attributes,
        header(logs, "logs: 1 log records"),
        ID + "log record:" + attributes);
  }

  @ParameterizedTest(name = "initial {0}, thereafter {1}: {2} of 10 batches")
  @CsvSource({"2,1,10", "2,3,4", "0,5,2", "3,1000,3", "20,1000,10"})
  void batchesOfASecondAreSampled(int initial, int thereafter, int written) {
    TestBatch[] ten = new TestBatch[10];
    Arrays.fill(ten, batch(JOB));
    export(new Config(Verbosity.BASIC, initial, thereafter, List.of(), Output.LOG, false), ten);
    assertThat(lines).hasSize(written);
  }

  @Test
  void everySecondBeginsAnew() {
    Exporter exporter = new Debug().create(new Config(Verbosity.BASIC, 1, 1000, List.of(), Output.LOG, false), context);
    for (int i = 0; i < 6; i++) {
      exporter.export(batch(JOB), outcome);
      context.advance(Duration.ofMillis(500));
    }
    assertThat(lines).hasSize(3);
  }

  @Test
  void attributesThatWouldNotBeShownAreRefused() {
    assertThatThrownBy(() -> config(Verbosity.NORMAL, "http.route")).isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("detailed").extracting("key").isEqualTo("attributes");
    assertThatThrownBy(() -> config(Verbosity.DETAILED, "a", "")).isInstanceOf(InvalidConfig.class)
        .extracting("key").isEqualTo("attributes[1]");
  }
}
