package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.control.Status;
import io.mop.control.Vitals;
import io.opentelemetry.sdk.metrics.data.MetricData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Pattern ROW = Pattern.compile("^\\| `((?:mop|jvm|process)_\\w+)` \\|", Pattern.MULTILINE);

  private final FakeEngine engine = new FakeEngine();
  private final Metrics metrics =
      new Metrics(engine, new Metrics.Build("1.2.3", "abc"), id -> id == 7 ? "f00d" : "");

  @AfterEach
  void close() {
    metrics.close();
  }

  /** Samples by their name and labels. */
  private Map<String, Double> samples() {
    Map<String, Double> samples = new TreeMap<>();
    for (String line : TextFormat.PROMETHEUS.write(metrics.collect()).split("\n")) {
      if (line.startsWith("#")) continue;
      int space = line.lastIndexOf(' ');
      String series = line.substring(0, space);
      assertThat(samples.put(series, Double.valueOf(line.substring(space + 1)))).as("second %s", series).isNull();
    }
    return samples;
  }

  private static double sum(Map<String, Double> samples, String name, String... labels) {
    return samples.entrySet().stream()
        .filter(e -> e.getKey().startsWith(name + "{"))
        .filter(e -> Arrays.stream(labels).allMatch(e.getKey()::contains))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  @Test
  void theBooksOfEveryComponentAndSignalBalanceAndAreTheLedgers() {
    engine.flows =
        List.of(
            FakeEngine.flow("receivers.otlp", Signal.TRACES, 100, 0, 90, 0, Map.of(),
                Map.of("stopped", 4L), Map.of(), 6),
            FakeEngine.flow("receivers.otlp", Signal.LOGS, 10, 0, 10, 0, Map.of(), Map.of(), Map.of(), 0),
            FakeEngine.flow(
                "processors.x", Signal.TRACES, 90, 7, 40, 30, Map.of("a", 5L, "b", 12L), Map.of(), Map.of("c", 3L), 7));
    Map<String, Double> samples = samples();
    for (Status.Flow f : engine.flows) {
      String[] of = {"component=\"" + f.path() + "\"", "signal=\"" + f.signal().name().toLowerCase() + "\""};
      Map<String, Long> expected =
          Map.of(
              "in", f.in(), "created", f.created(), "out", f.out(), "sampled_out", f.sampledOut(),
              "filtered", total(f.filtered()), "refused", total(f.refused()), "failed", total(f.failed()));
      double difference = -sum(samples, "mop_component_held", of);
      for (Map.Entry<String, Long> e : expected.entrySet()) {
        double read = sum(samples, "mop_component_items_total", of[0], of[1], "direction=\"" + e.getKey() + "\"");
        assertThat(read).as("%s of %s", e.getKey(), f).isEqualTo(e.getValue().doubleValue());
        difference += Set.of("in", "created").contains(e.getKey()) ? read : -read;
      }
      assertThat(difference).as("difference of %s", f).isZero().isEqualTo(f.difference());
    }
    assertThat(samples)
        .containsEntry(
            "mop_component_items_total{component=\"processors.x\",direction=\"filtered\""
                + ",reason=\"b\",signal=\"traces\"}",
            12.0);
    double all = engine.flows.stream().mapToLong(f -> 2 * (f.in() + f.created()) - f.held()).sum();
    assertThat(sum(samples, "mop_component_items_total")).as("sum over everything").isEqualTo(all);
  }

  private static long total(Map<String, Long> reasons) {
    return reasons.values().stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void oneCollectionReadsTheEngineOnceAndFollowsIt() {
    engine.memoryUsed = 5;
    assertThat(samples()).containsEntry("mop_memory_used_bytes", 5.0);
    engine.memoryUsed = 3;
    assertThat(samples()).containsEntry("mop_memory_used_bytes", 3.0);
    assertThat(engine.asked).hasValue(2);
  }

  @Test
  void whatIsGoneHasNoSeriesAnyMore() {
    engine.queues = List.of(new Vitals.Queue("exporters.a", 5, 10));
    assertThat(samples())
        .containsEntry("mop_exporter_queue_size_bytes{component=\"exporters.a\"}", 5.0)
        .containsEntry("mop_exporter_queue_capacity_bytes{component=\"exporters.a\"}", 10.0);
    engine.queues = List.of();
    assertThat(samples().keySet()).noneMatch(k -> k.contains("exporters.a"));
  }

  @Test
  void countersOfPluginsHaveTheirUnitDescriptionAndReason() {
    engine.counters.put("receivers.ebpf/a capture_resyncs{cut}", 3L);
    engine.counters.put("receivers.ebpf/a capture_resyncs{record_lost}", 4L);
    engine.counters.put("receivers.ebpf capture_resyncs{cut}", 1L);
    engine.counters.put("exporters.otlp sent", 1000L);
    engine.described.put("exporters.otlp sent", new Vitals.Described("By", "bytes sent"));
    engine.counters.put("receivers.otlp Odd-Name x", 1L);
    engine.counters.put("processors.x swaps", 2L);
    String text = TextFormat.PROMETHEUS.write(metrics.collect());
    assertThat(text.lines())
        .contains(
            "mop_receiver_ebpf_capture_resyncs_total{component=\"receivers.ebpf/a\",reason=\"cut\"} 3",
            "mop_receiver_ebpf_capture_resyncs_total{component=\"receivers.ebpf/a\",reason=\"record_lost\"} 4",
            "mop_receiver_ebpf_capture_resyncs_total{component=\"receivers.ebpf\",reason=\"cut\"} 1",
            "# HELP mop_exporter_otlp_sent_bytes_total Bytes sent.",
            "mop_exporter_otlp_sent_bytes_total{component=\"exporters.otlp\"} 1000",
            "mop_receiver_otlp_odd_name_x_total{component=\"receivers.otlp\"} 1",
            "mop_component_swaps_total{component=\"processors.x\"} 2");
    engine.counters.put("receivers.late seen", 9L);
    assertThat(samples()).containsEntry("mop_receiver_late_seen_total{component=\"receivers.late\"}", 9.0);
  }

  @Test
  void twoBuildsOfOneVersionAreAddedUp() {
    engine.plugins =
        List.of(
            FakeEngine.plugin("x", "1.0.0", 7, "active", 10),
            FakeEngine.plugin("x", "1.0.0", 8, "standby", 5),
            FakeEngine.plugin("x", "0.9.0", 6, "quarantine", 1));
    assertThat(samples())
        .containsEntry("mop_plugin_calls_total{kind=\"processor\",plugin=\"x\",version=\"1.0.0\"}", 15.0)
        .containsEntry("mop_plugin_cpu_time_seconds_total{kind=\"processor\",plugin=\"x\",version=\"1.0.0\"}", 3.75)
        .containsEntry("mop_plugin_quarantined{kind=\"processor\",plugin=\"x\",version=\"0.9.0\"}", 1.0)
        .containsEntry("mop_plugin_quarantined{kind=\"processor\",plugin=\"x\",version=\"1.0.0\"}", 0.0)
        .containsEntry(
            "mop_plugin_info{bundle=\"io.x\",digest=\"f00d\",kind=\"processor\",name=\"x\",version=\"1.0.0\"}", 1.0);
  }

  @Test
  void saysWhatRuns() {
    engine.config = "c0ffee";
    Map<String, Double> samples = samples();
    assertThat(samples)
        .containsEntry("mop_config_hash{hash=\"c0ffee\"}", 1.0)
        .containsEntry("mop_config_applied_total", 3.0)
        .containsEntry(
            "mop_build_info{commit=\"abc\",java=\"" + Runtime.version() + "\",version=\"1.2.3\"}", 1.0);
    assertThat(samples.get("process_start_time_seconds")).isBetween(1.6e9, System.currentTimeMillis() / 1e3);
    assertThat(sum(samples, "jvm_memory_used_bytes", "type=\"heap\"")).isPositive();
    assertThat(samples.get("jvm_cpu_time_seconds_total")).isPositive();
    assertThat(samples.get("jvm_thread_count")).isPositive();
  }

  @Test
  void theTableInTheManualHasEveryMetricAndNoOther() throws IOException {
    Matcher rows = ROW.matcher(Files.readString(Path.of("../../docs/operating.md")));
    Set<String> documented = new TreeSet<>();
    while (rows.find()) assertThat(documented.add(rows.group(1))).as("one row of %s", rows.group(1)).isTrue();
    assertThat(documented)
        .isEqualTo(
            Arrays.stream(Metric.values())
                .map(m -> {
                  boolean total = Set.of(Metric.Kind.COUNTER, Metric.Kind.SECONDS).contains(m.kind);
                  return TextFormat.name(m.id, m.unit, total);
                })
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void everythingCollectedIsInTheCatalogue() {
    Set<String> ids = Arrays.stream(Metric.values()).map(m -> m.id).collect(Collectors.toSet());
    assertThat(metrics.collect()).extracting(MetricData::getName).isSubsetOf(ids).doesNotHaveDuplicates();
  }
}
