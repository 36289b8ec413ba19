package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StructureDifferentialTest {
  @Property(tries = 1500)
  void acceptsAndCountsWhatProtobufAccepts(
      @ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 4) int size) throws Exception {
    byte[] wire = new RandomOtlp(seed, 0.1).request(signal, size);
    ByteBuffer placed = Placed.between(wire, new Random(seed));
    int position = placed.position();
    assertThat(Structure.check(signal, placed)).isEqualTo(items(protobuf(signal, wire)));
    assertThat(placed.position()).isEqualTo(position);
  }

  @Property(tries = 6000)
  void judgesDamagedRequestsAsProtobufDoes(
      @ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 3) int size) {
    Random random = new Random(seed);
    judgeBoth(signal, Mutation.of(new RandomOtlp(seed, 0.1).request(signal, size), random), random);
  }

  @Property(tries = 6000)
  void judgesNoiseAsProtobufDoes(@ForAll Signal signal, @ForAll long seed) {
    Random random = new Random(seed);
    byte[] noise = new byte[random.nextInt(24)];
    // small numbers are likely tags and lengths
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (random.nextInt(4) > 0 ? random.nextInt(36) : random.nextInt(256));
    }
    judgeBoth(signal, noise, random);
  }

  private static void judgeBoth(Signal signal, byte[] wire, Random random) {
    Message expected = null;
    try {
      expected = protobuf(signal, wire);
    } catch (InvalidProtocolBufferException e) {
      // expected stays null
    }
    try {
      int items = Structure.check(signal, Placed.between(wire, random));
      assertThat(expected).as("accepted, but protobuf rejects it").isNotNull();
      assertThat(items).isEqualTo(items(expected));
    } catch (Malformed e) {
      if (e.getMessage().contains("varint of more than 10 bytes")) expected = strictly(signal, wire);
      assertThat(expected).as("protobuf accepts it, but: " + e.getMessage()).isNull();
      assertThat(e).hasMessageMatching("byte \\d+, in [\\w.]+: .*; expected .+");
    }
  }

  /**
   * protobuf-java 4.36 may end an unknown varint at a tenth byte that says it goes on, if more bytes follow in its
   * buffer. Its slow path does not, and no byte follows in a buffer of one.
   */
  private static Message strictly(Signal signal, byte[] wire) {
    CodedInputStream in = CodedInputStream.newInstance(new ByteArrayInputStream(wire), 1);
    try {
      Message request = switch (signal) {
        case TRACES -> ExportTraceServiceRequest.parseFrom(in);
        case METRICS -> ExportMetricsServiceRequest.parseFrom(in);
        case LOGS -> ExportLogsServiceRequest.parseFrom(in);
      };
      in.checkLastTagWas(0);
      return request;
    } catch (IOException e) {
      return null;
    }
  }

  static Message protobuf(Signal signal, byte[] wire) throws InvalidProtocolBufferException {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.parseFrom(wire);
      case METRICS -> ExportMetricsServiceRequest.parseFrom(wire);
      case LOGS -> ExportLogsServiceRequest.parseFrom(wire);
    };
  }

  static int items(Message request) {
    if (request instanceof ExportTraceServiceRequest traces) {
      return traces.getResourceSpansList().stream().flatMap(r -> r.getScopeSpansList().stream())
          .mapToInt(s -> s.getSpansCount()).sum();
    }
    if (request instanceof ExportLogsServiceRequest logs) {
      return logs.getResourceLogsList().stream().flatMap(r -> r.getScopeLogsList().stream())
          .mapToInt(s -> s.getLogRecordsCount()).sum();
    }
    return ((ExportMetricsServiceRequest) request).getResourceMetricsList().stream()
        .flatMap(r -> r.getScopeMetricsList().stream()).flatMap(s -> s.getMetricsList().stream())
        .mapToInt(StructureDifferentialTest::points).sum();
  }

  private static int points(Metric m) {
    return switch (m.getDataCase()) {
      case GAUGE -> m.getGauge().getDataPointsCount();
      case SUM -> m.getSum().getDataPointsCount();
      case HISTOGRAM -> m.getHistogram().getDataPointsCount();
      case EXPONENTIAL_HISTOGRAM -> m.getExponentialHistogram().getDataPointsCount();
      case SUMMARY -> m.getSummary().getDataPointsCount();
      case DATA_NOT_SET -> 0;
    };
  }
}
