package io.mop.plugins.attributes;

import static io.mop.plugins.attributes.Actions.copy;
import static io.mop.plugins.attributes.Actions.plain;
import static io.mop.plugins.attributes.Actions.rename;
import static io.mop.plugins.attributes.Actions.set;
import static io.mop.plugins.attributes.Actions.sha256;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.mop.plugins.attributes.Attributes.Config;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The actions on the cursors of all signals, with what has the same keys and is no attribute of an item. */
class EverySignalTest {
  private final TestContext context = new TestContext("processors.attributes");

  private TransformHarness harness(List<Action> actions) {
    Config config = new Config(Optional.empty(), Optional.empty(), actions);
    return new TransformHarness(context, new Attributes().create(config, context));
  }

  private List<TestSpan> apply(Signal signal, List<Action> actions, List<TestSpan> items) {
    TransformHarness harness = harness(actions);
    return switch (signal) {
      case TRACES -> harness.apply(items);
      case METRICS -> harness.applyToMetrics(items);
      case LOGS -> harness.applyToLogs(items);
    };
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "io.mop.plugins.attributes.AttributesTest#single", "io.mop.plugins.attributes.AttributesTest#sequences"
  })
  void actions(String name, List<Action> actions, Map<String, Object> in, Map<String, Object> out) {
    for (Signal signal : List.of(Signal.METRICS, Signal.LOGS)) {
      // the same attributes of scope and resource stay as they are
      TestSpan item = TestSpan.of("x").groups(in, in).attributes(in);
      TestSpan bare = TestSpan.of("y").attributes(in);
      TestSpan above = TestSpan.of("z").groups(in, in);
      assertThat(apply(signal, actions, List.of(item, bare, above))).as("%s", signal).containsExactly(
          item.attributes(out), bare.attributes(out), above.attributes(apply(signal, actions,
              List.of(TestSpan.of("z"))).get(0).attributes()));
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void whatTheResourceAndTheScopeHaveIsNotTheItems(Signal signal) {
    Map<String, Object> resource = Map.of("a", "of the resource", "old", 1L);
    Map<String, Object> scope = Map.of("a", "of the scope", "old", true);
    TestSpan item = TestSpan.of("x").groups(scope, resource);
    List<Action> actions =
        List.of(copy("insert", "b", "a"), plain("hash", "a"), plain("delete", "old"), rename("a", "c"),
            set("update", "a", "no"), set("insert", "env", "prod"));
    assertThat(apply(signal, actions, List.of(item, item.attribute("a", "own").attribute("old", 2L))))
        .containsExactly(
            item.attribute("env", "prod"),
            item.attributes(Map.of("b", "own", "c", sha256("own"), "env", "prod")));
  }

  /** Many items, in groups that change at random: each has what the actions make of it alone, and its own groups. */
  @ParameterizedTest(name = "{0}")
  @EnumSource
  void itemsOfManyGroups(Signal signal) {
    Random random = new Random(3);
    List<Action> actions =
        List.of(set("upsert", "a", "new"), rename("b", "c"), plain("hash", "d"), plain("delete", "e"));
    for (int round = 0; round < 200; round++) {
      List<TestSpan> items = new ArrayList<>();
      List<TestSpan> expected = new ArrayList<>();
      for (int i = random.nextInt(30); i >= 0; i--) {
        TestSpan item = TestSpan.of("item " + i);
        for (int n = random.nextInt(3); n > 0; n--) item = item.resource("r" + n, (long) random.nextInt(2));
        for (int n = random.nextInt(3); n > 0; n--) item = item.scope("a", "s".repeat(n));
        TestSpan after = item.attribute("a", "new");
        if (random.nextBoolean()) item = item.attribute("a", 7L);
        if (random.nextBoolean()) {
          item = item.attribute("b", (double) i);
          after = after.attribute("c", (double) i);
        }
        if (random.nextBoolean()) {
          item = item.attribute("d", "d" + i);
          after = after.attribute("d", sha256("d" + i));
        }
        if (random.nextBoolean()) item = item.attribute("e", List.of("x", 1L));
        items.add(item);
        expected.add(after);
      }
      assertThat(apply(signal, actions, items)).isEqualTo(expected);
    }
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setStringValue(value)).build();
  }

  private static final KeyValue A = text("a", "x");
  private static final Resource RESOURCE = Resource.newBuilder().addAttributes(A).build();
  private static final InstrumentationScope SCOPE =
      InstrumentationScope.newBuilder().setName("s").addAttributes(A).build();
  private static final Exemplar EXEMPLAR = Exemplar.newBuilder().addFilteredAttributes(A).setAsInt(4).build();

  /** A point of each kind: the attributes have other field numbers in histograms. */
  private static ExportMetricsServiceRequest metrics(KeyValue attribute) {
    NumberDataPoint number = NumberDataPoint.newBuilder().setTimeUnixNano(1).setAsDouble(.5).addExemplars(EXEMPLAR)
        .addAttributes(attribute).setFlags(1).build();
    List<Metric> metrics = List.of(
        Metric.newBuilder().setName("gauge").addMetadata(A).setGauge(Gauge.newBuilder().addDataPoints(number)).build(),
        Metric.newBuilder().setName("sum").setSum(Sum.newBuilder().setIsMonotonic(true).addDataPoints(number)).build(),
        Metric.newBuilder().setName("histogram").setHistogram(Histogram.newBuilder().setAggregationTemporalityValue(2)
            .addDataPoints(HistogramDataPoint.newBuilder().setCount(3).addBucketCounts(3).addExemplars(EXEMPLAR)
                .addAttributes(attribute).setMin(1))).build(),
        Metric.newBuilder().setName("exponential").setExponentialHistogram(ExponentialHistogram.newBuilder()
            .addDataPoints(ExponentialHistogramDataPoint.newBuilder().setCount(3).setScale(-2).addExemplars(EXEMPLAR)
                .addAttributes(attribute).setPositive(ExponentialHistogramDataPoint.Buckets.newBuilder()
                    .addBucketCounts(300)))).build(),
        Metric.newBuilder().setName("summary").setSummary(Summary.newBuilder().addDataPoints(
            SummaryDataPoint.newBuilder().setCount(2).addAttributes(attribute).addQuantileValues(
                SummaryDataPoint.ValueAtQuantile.newBuilder().setQuantile(.5)))).build());
    return ExportMetricsServiceRequest.newBuilder().addResourceMetrics(ResourceMetrics.newBuilder()
        .setResource(RESOURCE).setSchemaUrl("r").addScopeMetrics(
            ScopeMetrics.newBuilder().setScope(SCOPE).setSchemaUrl("s").addAllMetrics(metrics))).build();
  }

  private static ExportLogsServiceRequest logs(KeyValue attribute) {
    LogRecord record = LogRecord.newBuilder().setTimeUnixNano(5).setObservedTimeUnixNano(6)
        .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN).setSeverityText("warn").setEventName("e")
        .setBody(AnyValue.newBuilder().setKvlistValue(KeyValueList.newBuilder().addValues(A)))
        .setTraceId(ByteString.copyFromUtf8("0123456789abcdef")).addAttributes(attribute).build();
    return ExportLogsServiceRequest.newBuilder().addResourceLogs(ResourceLogs.newBuilder().setResource(RESOURCE)
        .addScopeLogs(ScopeLogs.newBuilder().setScope(SCOPE).addLogRecords(record).addLogRecords(record))).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oneAction")
  void pointsOfEveryKindKeepAllElse(Action action, KeyValue after) throws Exception {
    byte[] out = harness(List.of(action)).apply(Signal.METRICS, metrics(A).toByteArray());
    assertThat(ExportMetricsServiceRequest.parseFrom(out)).isEqualTo(metrics(after));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("oneAction")
  void recordsKeepAllElse(Action action, KeyValue after) throws Exception {
    byte[] out = harness(List.of(action)).apply(Signal.LOGS, logs(A).toByteArray());
    assertThat(ExportLogsServiceRequest.parseFrom(out)).isEqualTo(logs(after));
  }

  static List<Arguments> oneAction() {
    return List.of(
        Arguments.of(set("update", "a", "new"), text("a", "new")),
        Arguments.of(plain("hash", "a"), text("a", sha256("x"))),
        Arguments.of(rename("a", "b"), text("b", "x")),
        Arguments.of(set("insert", "a", "new"), A));
  }

  @Test
  void deletedAttributesAreGoneFromItemsOnly() throws Exception {
    TransformHarness harness = harness(List.of(plain("delete", "a")));
    ExportLogsServiceRequest logs =
        ExportLogsServiceRequest.parseFrom(harness.apply(Signal.LOGS, logs(A).toByteArray()));
    assertThat(logs.getResourceLogs(0).getScopeLogs(0).getLogRecordsList())
        .hasSize(2).allSatisfy(r -> assertThat(r.getAttributesList()).isEmpty())
        .allSatisfy(r -> assertThat(r.getBody().getKvlistValue().getValuesList()).containsExactly(A));
    ExportMetricsServiceRequest metrics =
        ExportMetricsServiceRequest.parseFrom(harness.apply(Signal.METRICS, metrics(A).toByteArray()));
    ResourceMetrics resource = metrics.getResourceMetrics(0);
    assertThat(resource.getResource()).isEqualTo(RESOURCE);
    assertThat(resource.getScopeMetrics(0).getScope()).isEqualTo(SCOPE);
    List<Metric> all = resource.getScopeMetrics(0).getMetricsList();
    assertThat(all.get(0).getMetadataList()).containsExactly(A);
    assertThat(all.get(2).getHistogram().getDataPoints(0).getExemplarsList()).containsExactly(EXEMPLAR);
    assertThat(all.get(2).getHistogram().getDataPoints(0).getAttributesList()).isEmpty();
    assertThat(all.get(3).getExponentialHistogram().getDataPoints(0).getAttributesList()).isEmpty();
    assertThat(all.get(4).getSummary().getDataPoints(0).getAttributesList()).isEmpty();
  }
}
