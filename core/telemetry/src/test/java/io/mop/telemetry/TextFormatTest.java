package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextFormatTest {
  private final Pull pull = new Pull();
  private final SdkMeterProvider provider = SdkMeterProvider.builder().registerMetricReader(pull).build();
  private final Meter meter = provider.get("test");

  @AfterEach
  void close() {
    provider.close();
  }

  private void instruments() {
    meter.counterBuilder("mop.sent").setUnit("By").setDescription("Says \"sent\"\nand \\.")
        .buildWithCallback(
            o -> {
              o.record(3, Attributes.builder().put("path.of", "a\"b\\c\nd").build());
              o.record(2, Attributes.builder().put("path.of", "ä").build());
            });
    meter.counterBuilder("mop.busy").ofDoubles().setUnit("s").buildWithCallback(o -> o.record(0.25));
    meter.upDownCounterBuilder("mop.held").setUnit("{item}").buildWithCallback(o -> o.record(-4));
    meter.gaugeBuilder("mop.time").setUnit("s").buildWithCallback(o -> o.record(1_795_553_491.459));
    meter.gaugeBuilder("mop.odd").buildWithCallback(
        o -> {
          o.record(1e-7, Attributes.builder().put("x", "1").build());
          o.record(1, Attributes.builder().put("x", "2").build());
        });
  }

  @Test
  void prometheus() {
    instruments();
    assertThat(TextFormat.PROMETHEUS.write(pull.collect()))
        .isEqualTo(
            """
            # HELP mop_busy_seconds_total\s
            # TYPE mop_busy_seconds_total counter
            mop_busy_seconds_total 0.25
            # HELP mop_held\s
            # TYPE mop_held gauge
            mop_held -4
            # HELP mop_odd\s
            # TYPE mop_odd gauge
            mop_odd{x="1"} 0.0000001
            mop_odd{x="2"} 1
            # HELP mop_sent_bytes_total Says "sent"\\nand \\\\.
            # TYPE mop_sent_bytes_total counter
            mop_sent_bytes_total{path_of="a\\"b\\\\c\\nd"} 3
            mop_sent_bytes_total{path_of="ä"} 2
            # HELP mop_time_seconds\s
            # TYPE mop_time_seconds gauge
            mop_time_seconds 1795553491.459
            """);
  }

  @Test
  void openMetrics() {
    instruments();
    assertThat(TextFormat.OPEN_METRICS.write(pull.collect()))
        .contains(
            """
            # HELP mop_sent_bytes Says \\"sent\\"\\nand \\\\.
            # TYPE mop_sent_bytes counter
            # UNIT mop_sent_bytes bytes
            mop_sent_bytes_total{path_of="a\\"b\\\\c\\nd"} 3
            """)
        .contains("# TYPE mop_busy_seconds counter\n# UNIT mop_busy_seconds seconds\nmop_busy_seconds_total 0.25\n")
        .endsWith("mop_time_seconds 1795553491.459\n# EOF\n");
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | PROMETHEUS",
        "*/* | PROMETHEUS",
        "text/plain | PROMETHEUS",
        "application/openmetrics-text | OPEN_METRICS",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1 | OPEN_METRICS",
        "application/openmetrics-text; version=1.0.0; q=0.2, text/plain; q=0.3 | PROMETHEUS",
        "application/openmetrics-text;q=0 | PROMETHEUS",
        "application/openmetrics-text;q=much | PROMETHEUS",
      })
  void accepted(String accept, TextFormat expected) {
    assertThat(TextFormat.accepted(accept)).isEqualTo(expected);
  }
}
