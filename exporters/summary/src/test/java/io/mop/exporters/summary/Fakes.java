package io.mop.exporters.summary;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.concurrent.atomic.AtomicInteger;

/** What the engine gives an exporter. Cursors reuse their value and text for every span, as the engine's do. */
final class Fakes {
  private static final Field SERVICE = () -> "service.name";

  private Fakes() {}

  /** @param service null = absent */
  record Span(byte[] service, int kind, int status, long nanos, byte[] name) {
    static Span of(String service, int kind, int status, long nanos, String name) {
      return new Span(service == null ? null : service.getBytes(UTF_8), kind, status, nanos,
          name.getBytes(UTF_8));
    }
  }

  record TestBatch(Signal signal, List<Span> spans) implements Batch {
    static TestBatch of(Span... spans) {
      return new TestBatch(Signal.TRACES, List.of(spans));
    }

    @Override
    public int items() {
      return spans.size();
    }

    @Override
    public String tenant() {
      return "";
    }

    @Override
    public ByteBuffer wire() {
      throw new AssertionError("not used");
    }

    @Override
    public Items read() {
      return new Cursor(spans);
    }
  }

  private static final class Slice implements Text {
    private byte[] bytes;

    @Override
    public int length() {
      return bytes.length;
    }

    @Override
    public byte at(int i) {
      return bytes[i];
    }
  }

  private static final class Cursor implements Spans, Value {
    private final List<Span> spans;
    private final Slice service = new Slice();
    private final Slice name = new Slice();
    private int at = -1;

    Cursor(List<Span> spans) {
      this.spans = spans;
    }

    @Override
    public Signal signal() {
      return Signal.TRACES;
    }

    @Override
    public boolean next() {
      if (++at == spans.size()) return false;
      service.bytes = spans.get(at).service();
      name.bytes = spans.get(at).name();
      return true;
    }

    @Override
    public Value get(Field field) {
      if (field != SERVICE) throw new IllegalArgumentException(field.key());
      return this;
    }

    @Override
    public Type type() {
      return service.bytes == null ? Type.ABSENT : Type.TEXT;
    }

    @Override
    public Text text() {
      return service;
    }

    @Override
    public long integer() {
      throw new IllegalStateException();
    }

    @Override
    public double real() {
      throw new IllegalStateException();
    }

    @Override
    public boolean bool() {
      throw new IllegalStateException();
    }

    @Override
    public long traceIdHigh() {
      return 1;
    }

    @Override
    public long traceIdLow() {
      return 1;
    }

    @Override
    public long spanId() {
      return 1;
    }

    @Override
    public long parentId() {
      return 0;
    }

    @Override
    public long start() {
      return 1_000_000_000_000L;
    }

    @Override
    public long end() {
      return start() + spans.get(at).nanos();
    }

    @Override
    public int kind() {
      return spans.get(at).kind();
    }

    @Override
    public int status() {
      return spans.get(at).status();
    }

    @Override
    public Text name() {
      return name;
    }
  }

  static final class Delivered implements Exporter.Outcome {
    final AtomicInteger count = new AtomicInteger();

    @Override
    public void delivered() {
      count.incrementAndGet();
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
    volatile long now = 1_800_000_000_000_000_000L;
    Runnable tick = () -> {};
    Duration period = Duration.ZERO;

    void seconds(double n) {
      now += (long) (n * 1e9);
    }

    @Override
    public String id() {
      return "exporters.summary";
    }

    @Override
    public Fields fields() {
      return new Fields() {
        @Override
        public Field item(String key) {
          throw new AssertionError("not used");
        }

        @Override
        public Field scope(String key) {
          throw new AssertionError("not used");
        }

        @Override
        public Field resource(String key) {
          if (!key.equals(SERVICE.key())) throw new AssertionError(key);
          return SERVICE;
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
    public Task every(Duration every, Runnable task) {
      period = every;
      tick = task;
      return () -> tick = () -> {
        throw new AssertionError("the timer is closed");
      };
    }

    @Override
    public void healthy() {}

    @Override
    public void unhealthy(String reason) {
      throw new AssertionError(reason);
    }
  }
}
