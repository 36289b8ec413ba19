package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.InvalidConfig;
import io.mop.otlp.Structure;
import io.mop.testkit.TestContext;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SelfReceiverTest {
  private final FakeEngine engine = new FakeEngine();
  private final Metrics metrics = new Metrics(engine, new Metrics.Build("1.2.3", ""), id -> "");
  private final TestContext context = new TestContext("receivers.self");
  private final Receiver receiver =
      new Self(metrics).create(new Self.Config(Duration.ofSeconds(15)), context);
  private final Door door = new Door();

  /** Takes requests as an engine does: checks their structure, acknowledges. */
  private static final class Door implements Receiver.Intake {
    final List<byte[]> requests = new ArrayList<>();
    Signal carried = Signal.METRICS;
    boolean full;
    boolean refuses;

    @Override
    public boolean carries(Signal signal) {
      return signal == carried;
    }

    @Override
    public Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
      if (full) throw new Receiver.Refused("full", Duration.ofSeconds(1));
      ByteBuffer memory = ByteBuffer.allocateDirect(bytes);
      return new Receiver.Landing() {
        @Override
        public ByteBuffer buffer() {
          return memory;
        }

        @Override
        public void submit(Receiver.Ack ack) throws Receiver.Malformed {
          byte[] request = new byte[memory.flip().remaining()];
          memory.duplicate().get(request);
          assertThat(Structure.check(Signal.METRICS, memory)).isPositive();
          if (refuses) {
            ack.refused("no", Duration.ZERO);
          } else {
            requests.add(request);
            ack.safe();
          }
        }

        @Override
        public void cancel() {
          throw new AssertionError("given up");
        }
      };
    }
  }

  @AfterEach
  void close() {
    metrics.close();
  }

  private static Metric find(byte[] request, String name) throws Exception {
    ResourceMetrics resource = ExportMetricsServiceRequest.parseFrom(request).getResourceMetrics(0);
    return resource.getScopeMetrics(0).getMetricsList().stream()
        .filter(m -> m.getName().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void sendsAReadingEveryIntervalAndOneAtTheEnd() throws Exception {
    receiver.start(door);
    assertThat(context.periods()).containsExactly(Duration.ofSeconds(15));
    context.tick();
    engine.memoryUsed = 42;
    context.tick();
    engine.memoryUsed = 43;
    receiver.close();
    assertThat(door.requests).hasSize(3);
    assertThat(find(door.requests.get(1), "mop.memory.used").getSum().getDataPoints(0).getAsInt()).isEqualTo(42);
    assertThat(find(door.requests.get(2), "mop.memory.used").getSum().getDataPoints(0).getAsInt()).isEqualTo(43);
    assertThat(context.counted()).isEmpty();
  }

  @Test
  void isOtlpAsAnotherDecoderReadsIt() throws Exception {
    receiver.start(door);
    context.tick();
    ResourceMetrics resource = ExportMetricsServiceRequest.parseFrom(door.requests.get(0)).getResourceMetrics(0);
    assertThat(resource.getResource().getAttributesList())
        .anyMatch(a -> a.getKey().equals("service.name") && a.getValue().getStringValue().equals("mop"))
        .anyMatch(a -> a.getKey().equals("service.version") && a.getValue().getStringValue().equals("1.2.3"))
        .anyMatch(a -> a.getKey().equals("service.instance.id") && !a.getValue().getStringValue().isEmpty());
    assertThat(resource.getScopeMetrics(0).getScope().getName()).isEqualTo("io.mop");
    Metric applied = find(door.requests.get(0), "mop.config.applied");
    assertThat(applied.getUnit()).isEqualTo("{configuration}");
    assertThat(applied.getSum().getIsMonotonic()).isTrue();
    assertThat(applied.getSum().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    assertThat(find(door.requests.get(0), "mop.memory.limit").getSum().getIsMonotonic()).isFalse();
  }

  @Test
  void whatIsRefusedIsCountedAndTheNextReadingGoesOut() {
    receiver.start(door);
    door.full = true;
    context.tick();
    door.full = false;
    door.refuses = true;
    context.tick();
    door.refuses = false;
    receiver.pause();
    context.tick();
    assertThat(door.requests).isEmpty();
    assertThat(context.count("readings_skipped")).isEqualTo(3);
    receiver.resume();
    context.tick();
    assertThat(door.requests).hasSize(1);
  }

  @Test
  void aPipelineOfAnotherSignalIsRefused() {
    door.carried = Signal.TRACES;
    assertThatThrownBy(() -> receiver.start(door))
        .isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("a metrics pipeline");
    receiver.close();
    assertThat(door.requests).isEmpty();
  }
}
