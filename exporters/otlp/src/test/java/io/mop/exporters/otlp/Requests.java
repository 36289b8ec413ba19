package io.mop.exporters.otlp;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.mop.testkit.TestBatch;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.Random;

final class Requests {
  private Requests() {}

  /** Spans with random ids, from {@code random} only. */
  static ExportTraceServiceRequest of(Random random, int spans) {
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().addScopeSpansBuilder();
    for (int i = 0; i < spans; i++) {
      byte[] id = new byte[8];
      random.nextBytes(id);
      scope.addSpans(
          Span.newBuilder().setSpanId(ByteString.copyFrom(id)).setName("GET /api/orders/" + i));
    }
    return request.build();
  }

  static TestBatch batch(ExportTraceServiceRequest request) {
    return TestBatch.of(Signal.TRACES, request.toByteArray());
  }
}
