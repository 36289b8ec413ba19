package io.mop.exporters.debug;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Exporter;
import io.mop.exporters.debug.Debug.Config;
import io.mop.exporters.debug.Debug.Output;
import io.mop.exporters.debug.Debug.Verbosity;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestSpan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LineExporterTest {
  private static final long START = 1_800_000_000_000_000_000L;
  private static final TestSpan FAILED =
      TestSpan.of("GET /api/orders").ids(10, 11, 12, 13).kind(2).status(2).times(START, START + 1_250_000)
          .attributes(
              Map.of("http.route", "/api/orders", "http.response.status_code", 503L, "error.type", "503",
                  "network.peer.address", "10.0.0.7", "network.peer.port", 4711L, "ratio", Double.NaN, "cached", false,
                  "user", "e\"v\\e\n\u001b[2J"))
          .resource("service.name", "shop");
  private static final TestSpan PLAIN = TestSpan.of("PING").ids(1, 2, 3, 0).kind(3).times(START, START + 800);

  private final TestContext context = new TestContext("exporters.debug");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String export(Output output, boolean color, List<String> attributes, TestBatch batch) {
    Config config = new Config(Verbosity.BASIC, 0, 1000, attributes, output, color);
    TestOutcome outcome = new TestOutcome();
    try (Exporter exporter = new LineExporter(config, context, new PrintStream(out, false, StandardCharsets.UTF_8))) {
      exporter.export(batch, outcome);
      assertThat(outcome.untaken()).containsExactly("delivered");
      return out.toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void textIsALineASpan() {
    String time = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault())
        .format(Instant.ofEpochSecond(0, START));
    String lines =
        export(Output.TEXT, false, List.of("http.route", "none", "user"), TestBatch.traces(context, FAILED, PLAIN));
    assertThat(lines).isEqualTo(
        time + " shop server GET /api/orders 1.3ms error 503 peer=10.0.0.7:4711 http.route=/api/orders"
            + " user=e\"v\\e��[2J\n"
            + time + " - client PING 0.8µs\n");
  }

  @Test
  void colourIsAskedFor() {
    assertThat(export(Output.TEXT, true, List.of(), TestBatch.traces(context, FAILED)))
        .contains("\u001b[31merror 503\u001b[0m").endsWith(":4711\n");
  }

  @Test
  void jsonIsAnObjectASpan() {
    List<String> attributes =
        List.of("http.route", "http.response.status_code", "ratio", "cached", "user", "none", "service.name");
    assertThat(export(Output.JSON, true, attributes, TestBatch.traces(context, FAILED, PLAIN))).isEqualTo(
        "{\"time\":\"2027-01-15T08:00:00Z\",\"signal\":\"traces\",\"service\":\"shop\",\"name\":\"GET /api/orders\","
            + "\"trace_id\":\"000000000000000a000000000000000b\",\"span_id\":\"000000000000000c\","
            + "\"parent_span_id\":\"000000000000000d\",\"kind\":\"server\",\"status\":\"error\","
            + "\"duration_nanos\":1250000,"
            + "\"attributes\":{\"http.route\":\"/api/orders\",\"http.response.status_code\":503,\"ratio\":\"NaN\","
            + "\"cached\":false,\"user\":\"e\\\"v\\\\e��[2J\",\"service.name\":\"shop\"}}\n"
            + "{\"time\":\"2027-01-15T08:00:00Z\",\"signal\":\"traces\",\"service\":\"\",\"name\":\"PING\","
            + "\"trace_id\":\"00000000000000010000000000000002\",\"span_id\":\"0000000000000003\",\"kind\":\"client\","
            + "\"status\":\"unset\",\"duration_nanos\":800,\"attributes\":{}}\n");
  }

  @Test
  void otherSignalsShowTheirAttributes() {
    TestBatch logs = TestBatch.logs(context, List.of(PLAIN.resource("service.name", "shop")));
    assertThat(export(Output.TEXT, false, List.of("service.name"), logs)).isEqualTo("log record: service.name=shop\n");
    out.reset();
    assertThat(export(Output.JSON, false, List.of("service.name"), logs))
        .isEqualTo("{\"signal\":\"logs\",\"attributes\":{\"service.name\":\"shop\"}}\n");
  }
}
