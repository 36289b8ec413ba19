package io.mop.exporters.otlp;

import com.google.protobuf.ByteString;
import io.mop.api.data.Batch;
import io.mop.api.data.Fields;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the engine gives an exporter, as far as this one uses it. */
final class Fakes {
  static final Duration LIMIT = Duration.ofSeconds(20);
  static final long NOW = 1_800_000_000_000_000_000L; // 2027-01-15T08:00:00Z

  private Fakes() {}

  /** Spans with random ids, from {@code random} only. */
  static ExportTraceServiceRequest request(Random random, int spans) {
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

  static final class TestBatch implements Batch {
    private final Signal signal;
    private final int items;
    private final ByteBuffer memory;

    TestBatch(Signal signal, int items, byte[] bytes) {
      this.signal = signal;
      this.items = items;
      memory = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    static TestBatch spans(ExportTraceServiceRequest request) {
      int n = request.getResourceSpans(0).getScopeSpans(0).getSpansCount();
      return new TestBatch(Signal.TRACES, n, request.toByteArray());
    }

    /** What the engine does with the memory once the outcome is told. */
    void overwrite() {
      for (int i = 0; i < memory.limit(); i++) memory.put(i, (byte) 0xff);
    }

    @Override
    public Signal signal() {
      return signal;
    }

    @Override
    public int items() {
      return items;
    }

    @Override
    public String tenant() {
      return "";
    }

    @Override
    public ByteBuffer wire() {
      return memory.asReadOnlyBuffer();
    }

    @Override
    public Items read() {
      throw new AssertionError("an OTLP exporter reads no items");
    }
  }

  /** Keeps every call; a test takes exactly as many as it expects and checks that none is left. */
  static final class TestOutcome implements Exporter.Outcome {
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

    String take() {
      try {
        String call = calls.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        if (call == null) throw new AssertionError("no outcome within " + LIMIT);
        return call;
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    int untaken() {
      return calls.size();
    }

    @Override
    public void delivered() {
      calls.add("delivered");
    }

    @Override
    public void partly(int rejected, String why) {
      calls.add("partly " + rejected + " " + why);
    }

    @Override
    public void retry(String why, Duration after) {
      calls.add("retry " + after + " " + why);
    }

    @Override
    public void rejected(String why) {
      calls.add("rejected " + why);
    }
  }

  static class TestContext implements Context {
    final List<String> health = new CopyOnWriteArrayList<>();

    @Override
    public String id() {
      return "exporters.otlp/test";
    }

    @Override
    public Fields fields() {
      throw new AssertionError("an OTLP exporter declares no fields");
    }

    @Override
    public long now() {
      return NOW;
    }

    @Override
    public Counter counter(String name, String unit, String description) {
      throw new AssertionError("not used");
    }

    @Override
    public Path directory() {
      throw new AssertionError("not used");
    }

    @Override
    public Task every(Duration period, Runnable task) {
      throw new AssertionError("not used");
    }

    @Override
    public void healthy() {
      health.add("healthy");
    }

    @Override
    public void unhealthy(String reason) {
      health.add(reason);
    }
  }
}
