package io.mop.plugins.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.data.Signal;
import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.filter.Filter.Config;
import io.mop.plugins.filter.Filter.ErrorMode;
import io.mop.plugins.filter.Filter.Logs;
import io.mop.plugins.filter.Filter.Metrics;
import io.mop.plugins.filter.Filter.Traces;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  private static final List<String> NONE = List.of();
  private static final TestSpan SPAN =
      TestSpan.of("GET /health").kind(2).status(2).times(1_000, 3_500)
          .attributes(Map.of("http.route", "/health", "code", 500L, "ratio", .5, "ok", true, "list", List.of("a"),
              "digits", "500", "quote", "a\"b\\"))
          .resource("service.name", "shop").scope("lang", "java");

  private final TestContext context = new TestContext("processors.filter");

  private static Config config(List<String> span, List<String> metric, List<String> point, List<String> log) {
    return new Config(ErrorMode.PROPAGATE, new Traces(span), new Metrics(metric, point), new Logs(log));
  }

  private TransformHarness harness(Config config) {
    return new TransformHarness(context, new Filter().create(config, context));
  }

  private boolean drops(String condition, TestSpan span) {
    TransformHarness harness = harness(config(List.of(condition), NONE, NONE, NONE));
    boolean dropped = harness.apply(List.of(span)).isEmpty();
    assertThat(harness.dropped()).isEqualTo(dropped ? Map.of("filter", 1) : Map.of());
    return dropped;
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "attributes[\"http.route\"] == \"/health\"", "span.attributes[\"http.route\"] == \"/health\"",
    "attributes[\"code\"] == 500", "500 == attributes[\"code\"]", "attributes[\"code\"] >= 500.0",
    "attributes[\"code\"] > -1", "attributes[\"code\"] == 0x1F4", "attributes[\"ratio\"] == .5",
    "attributes[\"ratio\"] < 1", "attributes[\"ratio\"] == 5e-1", "attributes[\"ok\"] == true",
    "attributes[\"ok\"] > false", "attributes[\"none\"] == nil", "attributes[\"code\"] != nil",
    "attributes[\"digits\"] != 500", "attributes[\"list\"] != \"a\"", "attributes[\"list\"] != nil",
    "attributes[\"quote\"] == \"a\\\"b\\\\\"", "resource.attributes[\"service.name\"] == \"shop\"",
    "instrumentation_scope.attributes[\"lang\"] == \"java\"", "scope.attributes[\"lang\"] < \"javb\"",
    "name == \"GET /health\"", "span.name > \"GET\"", "kind == SPAN_KIND_SERVER", "kind == 2",
    "status.code == STATUS_CODE_ERROR", "end_time_unix_nano - start_time_unix_nano > 2499",
    "end_time_unix_nano - start_time_unix_nano == 2500", "start_time_unix_nano + 1 - 1 == 1000", "true",
    "not false", "not (kind == 1)", "kind == 1 or kind == 2", "kind == 1 and kind == 2 or kind == 2",
    "kind == 2 or kind == 2 and kind == 1", "not kind == 1 and status.code == 2", "not not true",
    "IsMatch(name, \"^GET /[h]\")", "IsMatch(attributes[\"code\"], \"^5\\d\\d$\")",
    "IsMatch(attributes[\"ok\"], \"tr\")",
    "IsMatch(attributes[\"ratio\"], \"0[.]5\")", "IsMatch(name, \"(?P<verb_1>GET)\")", "\n kind\t==\n2 "})
  void meets(String condition) {
    assertThat(drops(condition, SPAN)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "attributes[\"http.route\"] == \"/healthz\"", "attributes[\"code\"] < 500", "attributes[\"digits\"] == 500",
    "attributes[\"none\"] == 1", "attributes[\"none\"] < 1", "attributes[\"none\"] > 1", "attributes[\"none\"] != nil",
    "attributes[\"list\"] == \"a\"", "attributes[\"list\"] == nil", "attributes[\"list\"] == attributes[\"list\"]",
    "attributes[\"http.route\"] > 5", "resource.attributes[\"http.route\"] == \"/health\"", "kind == SPAN_KIND_CLIENT",
    "false", "not true", "kind == 2 and status.code == 1", "not (kind == 1 or kind == 2)",
    "IsMatch(attributes[\"none\"], \"\")", "IsMatch(attributes[\"list\"], \"\")", "IsMatch(name, \"^health\")"})
  void doesNotMeet(String condition) {
    assertThat(drops(condition, SPAN)).isFalse();
  }

  @Test
  void oneOfSeveralIsEnough() {
    TransformHarness harness =
        harness(config(List.of("name == \"a\"", "name == \"b\""), NONE, NONE, List.of("body == nil")));
    assertThat(harness.apply(List.of(TestSpan.of("a"), TestSpan.of("c"), TestSpan.of("b"), SPAN)))
        .containsExactly(TestSpan.of("c"), SPAN);
    assertThat(harness.dropped()).isEqualTo(Map.of("filter", 2));
  }

  private static LogRecord log(int severity, String text, AnyValue body) {
    return LogRecord.newBuilder().setSeverityNumber(SeverityNumber.forNumber(severity)).setSeverityText(text)
        .setBody(body).build();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
    "severity_number < SEVERITY_NUMBER_INFO|1",
    "log.severity_number >= SEVERITY_NUMBER_ERROR2|2",
    "severity_text == \"INFO\"|0",
    "IsMatch(body, \"(?i)HEALTH\")|0",
    "body == 7|1",
    "log.body != \"health check\" and severity_number != 0|1 2"})
  void logs(String condition, String dropped) throws Exception {
    List<LogRecord> records = List.of(log(9, "INFO", AnyValue.newBuilder().setStringValue("health check").build()),
        log(5, "DEBUG", AnyValue.newBuilder().setIntValue(7).build()), log(18, "E", AnyValue.getDefaultInstance()));
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    request.addResourceLogsBuilder().addScopeLogsBuilder().addAllLogRecords(records);
    byte[] in = request.build().toByteArray();
    byte[] out = harness(config(NONE, NONE, NONE, List.of(condition))).apply(Signal.LOGS, in);
    List<LogRecord> left = new ArrayList<>(records);
    for (String i : dropped.split(" ")) left.remove(records.get(Integer.parseInt(i)));
    request.getResourceLogsBuilder(0).getScopeLogsBuilder(0).clearLogRecords().addAllLogRecords(left);
    assertThat(ExportLogsServiceRequest.parseFrom(out)).isEqualTo(request.build());
  }

  private static NumberDataPoint point(String host) {
    AnyValue value = AnyValue.newBuilder().setStringValue(host).build();
    return NumberDataPoint.newBuilder().setAsInt(1)
        .addAttributes(KeyValue.newBuilder().setKey("host").setValue(value)).build();
  }

  private static byte[] metrics(List<NumberDataPoint> cpu, List<NumberDataPoint> requests) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    var scope = request.addResourceMetricsBuilder().addScopeMetricsBuilder();
    Metric.Builder gauge = Metric.newBuilder().setName("cpu").setUnit("1");
    gauge.getGaugeBuilder().addAllDataPoints(cpu);
    Metric.Builder sum = Metric.newBuilder().setName("requests").setUnit("{request}");
    sum.getSumBuilder().addAllDataPoints(requests);
    if (!cpu.isEmpty()) scope.addMetrics(gauge);
    if (!requests.isEmpty()) scope.addMetrics(sum);
    return request.build().toByteArray();
  }

  @Test
  void metricsAndPoints() {
    NumberDataPoint a = point("a");
    NumberDataPoint b = point("b");
    byte[] in = metrics(List.of(a, b), List.of(a, b));
    assertThat(harness(config(NONE, List.of("name == \"cpu\""), NONE, NONE)).apply(Signal.METRICS, in))
        .isEqualTo(metrics(List.of(), List.of(a, b)));
    assertThat(harness(config(NONE, List.of("type == METRIC_DATA_TYPE_SUM"), NONE, NONE)).apply(Signal.METRICS, in))
        .isEqualTo(metrics(List.of(a, b), List.of()));
    String both = "metric.name == \"requests\" and attributes[\"host\"] == \"a\"";
    assertThat(harness(config(NONE, NONE, List.of(both), NONE)).apply(Signal.METRICS, in))
        .isEqualTo(metrics(List.of(a, b), List.of(b)));
    assertThat(harness(config(NONE, List.of("metric.unit == \"1\""), List.of("datapoint.attributes[\"host\"] == \"b\""),
        NONE)).apply(Signal.METRICS, in)).isEqualTo(metrics(List.of(), List.of(a)));
  }

  @Test
  void allocatesNothing() {
    TransformHarness harness = harness(config(List.of(
        "IsMatch(name, \"^POST\") or attributes[\"code\"] < 500",
        "status.code == 1 and not (resource.attributes[\"service.name\"] == \"x\")",
        "end_time_unix_nano - start_time_unix_nano > 10 and IsMatch(attributes[\"code\"], \"^4\")"), NONE, NONE, NONE));
    List<TestSpan> spans = Collections.nCopies(1_000, SPAN);
    assertThat(harness.allocated(spans)).as("bytes for 1,000 spans").isLessThan(1_000);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
    "kind = 2|a path, a literal or an operator at character 6, got '='",
    "kind|kind and then ==, !=, <, <=, > or >= at character 5, got the end",
    "kind ==|literal at character 8, got the end",
    "kind == 2 kind|and, or or the end at character 11, got 'kind'",
    "(kind == 2|and, or or ) at character 11, got the end",
    "knd == 2|kind, status.code, start_time_unix_nano, end_time_unix_nano, IsMatch(…, \"…\"), nil or a literal",
    "trace_id == \"a\"|one of attributes[\"…\"]",
    "attributes == nil|[ and an attribute's key at character 12, got '=='",
    "attributes[http] == nil|an attribute's key in double quotes at character 12, got 'http'",
    "attributes[\"\"] == nil|an attribute's key in double quotes at character 12",
    "attributes[\"a\"][\"b\"] == nil|keys within a value are not supported, at character 16, got '['",
    "attributes[\"a] == nil|a closing \" of the string at character 12, got no end of the string",
    "name == 5|a string to compare with at character 9, got '5'",
    "kind == \"server\"|an int to compare with at character 9, got '\"server\"'",
    "kind < nil|== or != with nil at character 8, got '<'",
    "name + 1 == 2|an int before + at character 1, got 'name'",
    "kind == 99999999999999999999|an int of 64 bits at character 9",
    "IsMatch(name)|, at character 13, got ')'",
    "IsMatch(name, 5)|a regular expression in double quotes at character 15, got '5'",
    "IsMatch(name, \"(\")|a regular expression: Unclosed group at character 15",
    "IsString(name)|one of attributes[\"…\"]",
    "kind == SPAN_KIND_SEVER|or a literal at character 9, got 'SPAN_KIND_SEVER'",
    "''|at character 1"})
  void aWrongConditionIsOneSentence(String condition, String expected) {
    String source = condition.equals("''") ? "" : condition;
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> new Traces(List.of("true", source)));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo("span[1]");
    assertThat(e).hasMessageContaining(expected);
  }

  @Test
  void aContextHasItsOwnPaths() {
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Logs(List.of("name == \"a\""))).key())
        .isEqualTo("log_record[0]");
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class,
        () -> new Metrics(List.of("attributes[\"a\"] == 1"), NONE));
    assertThat(e.key()).isEqualTo("metric[0]");
    assertThat(e).hasMessageContaining("resource.attributes[\"…\"], name, unit, type");
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Metrics(NONE, List.of("name == \"a\""))))
        .hasMessageContaining("metric.name");
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> config(NONE, NONE, NONE, NONE)).key())
        .isEqualTo("traces");
    String deep = "(".repeat(1_000) + "true" + ")".repeat(1_000);
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Traces(List.of(deep))))
        .hasMessageContaining("at most 64 levels");
  }
}
