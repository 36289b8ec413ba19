package io.mop.capture;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A metrics pipeline, or none, that keeps what it is given. */
final class Readings implements Receiver.Intake {
  boolean carries = true;
  boolean refuses;
  final List<ResourceMetrics> taken = new ArrayList<>();

  @Override
  public boolean carries(Signal signal) {
    return carries && signal == Signal.METRICS;
  }

  @Override
  public Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
    if (!carries(signal)) throw new AssertionError("nobody takes " + signal);
    if (refuses) throw new Receiver.Refused("full", Duration.ofSeconds(1));
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    return new Receiver.Landing() {
      @Override
      public ByteBuffer buffer() {
        return buffer;
      }

      @Override
      public void submit(Receiver.Ack ack) {
        try {
          taken.addAll(ExportMetricsServiceRequest.parseFrom(buffer.flip()).getResourceMetricsList());
          ack.safe();
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }

      @Override
      public void cancel() {}
    };
  }

  /** Points of all resources of that metric since the last call. */
  List<HistogramDataPoint> points(String name) {
    List<HistogramDataPoint> points =
        taken.stream()
            .flatMap(r -> r.getScopeMetrics(0).getMetricsList().stream())
            .filter(m -> m.getName().equals(name))
            .map(Metric::getHistogram)
            .flatMap(h -> h.getDataPointsList().stream())
            .toList();
    taken.clear();
    return points;
  }

  static Map<String, Object> attributes(HistogramDataPoint point) {
    Map<String, Object> attributes = new HashMap<>();
    for (KeyValue a : point.getAttributesList()) {
      attributes.put(
          a.getKey(),
          switch (a.getValue().getValueCase()) {
            case STRING_VALUE -> a.getValue().getStringValue();
            case INT_VALUE -> a.getValue().getIntValue();
            default -> a.getValue().getBoolValue();
          });
    }
    return attributes;
  }
}
