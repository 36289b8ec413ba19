package io.mop.exporters.debug;

import io.mop.api.data.Batch;
import io.mop.api.data.Field;
import io.mop.api.data.Fields;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What the engine gives an exporter, over plain maps. */
final class Fakes {
  private Fakes() {}

  record Span(
      String name, int kind, int status, long start, long end, Map<String, Object> item,
      Map<String, Object> resource) {}

  private record TestField(String level, String key) implements Field {}

  private record TestValue(Object v) implements Value {
    @Override
    public Type type() {
      if (v == null) return Type.ABSENT;
      if (v instanceof String) return Type.TEXT;
      if (v instanceof Long) return Type.INT;
      if (v instanceof Double) return Type.DOUBLE;
      if (v instanceof Boolean) return Type.BOOL;
      return Type.ARRAY;
    }

    @Override
    public Text text() {
      return Text.of((String) v);
    }

    @Override
    public long integer() {
      return (Long) v;
    }

    @Override
    public double real() {
      return (Double) v;
    }

    @Override
    public boolean bool() {
      return (Boolean) v;
    }
  }

  /** 100 bytes an item. */
  record TestBatch(Signal signal, String tenant, List<Span> spans) implements Batch {
    static TestBatch of(Span... spans) {
      return new TestBatch(Signal.TRACES, "", List.of(spans));
    }

    @Override
    public int items() {
      return spans.size();
    }

    @Override
    public ByteBuffer wire() {
      return ByteBuffer.allocate(100 * items());
    }

    @Override
    public Items read() {
      return signal == Signal.TRACES ? new SpanCursor(spans) : new ItemCursor(signal, spans);
    }
  }

  private static class ItemCursor implements Items {
    private final Signal signal;
    private final List<Span> spans;
    private int at = -1;

    ItemCursor(Signal signal, List<Span> spans) {
      this.signal = signal;
      this.spans = spans;
    }

    Span span() {
      return spans.get(at);
    }

    @Override
    public Signal signal() {
      return signal;
    }

    @Override
    public boolean next() {
      return ++at < spans.size();
    }

    @Override
    public Value get(Field field) {
      TestField f = (TestField) field;
      return new TestValue((f.level().equals("item") ? span().item() : span().resource()).get(f.key()));
    }
  }

  private static final class SpanCursor extends ItemCursor implements Spans {
    SpanCursor(List<Span> spans) {
      super(Signal.TRACES, spans);
    }

    @Override
    public long traceIdHigh() {
      return 10;
    }

    @Override
    public long traceIdLow() {
      return 11;
    }

    @Override
    public long spanId() {
      return 12;
    }

    @Override
    public long parentId() {
      return 0;
    }

    @Override
    public long start() {
      return span().start();
    }

    @Override
    public long end() {
      return span().end();
    }

    @Override
    public int kind() {
      return span().kind();
    }

    @Override
    public int status() {
      return span().status();
    }

    @Override
    public Text name() {
      return Text.of(span().name());
    }
  }

  record OnlyDelivered(Runnable then) implements Exporter.Outcome {
    @Override
    public void delivered() {
      then.run();
    }

    @Override
    public void partly(int rejected, String why) {
      throw new AssertionError(why);
    }

    @Override
    public void retry(String why, Duration after) {
      throw new AssertionError(why);
    }

    @Override
    public void rejected(String why) {
      throw new AssertionError(why);
    }
  }

  static final class TestContext implements Context {
    long now = 1_800_000_000_000_000_000L;

    @Override
    public String id() {
      return "exporters.debug";
    }

    @Override
    public Fields fields() {
      return new Fields() {
        @Override
        public Field item(String key) {
          return new TestField("item", key);
        }

        @Override
        public Field scope(String key) {
          return new TestField("scope", key);
        }

        @Override
        public Field resource(String key) {
          return new TestField("resource", key);
        }
      };
    }

    @Override
    public long now() {
      return now;
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
    public void healthy() {}

    @Override
    public void unhealthy(String reason) {
      throw new AssertionError(reason);
    }
  }
}
