package io.mop.testkit;

import io.mop.api.data.Batch;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.data.Value;
import io.mop.otlp.Schema;
import io.mop.otlp.SpanCursor;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/** A batch for an exporter under test, as the engine gives it: the bytes of a request outside of the heap. */
public final class TestBatch implements Batch {
  private final Signal signal;
  private final int items;
  private final String tenant;
  private final ByteBuffer memory;
  private final Supplier<Schema> schema;
  private final Queue<SpanCursor> cursors = new ConcurrentLinkedQueue<>();

  private TestBatch(Signal signal, int items, String tenant, ByteBuffer memory, Supplier<Schema> schema) {
    this.signal = signal;
    this.items = items;
    this.tenant = tenant;
    this.memory = memory;
    this.schema = schema;
  }

  /** @param context what the exporter was made with: it knows the fields */
  public static TestBatch traces(TestContext context, List<TestSpan> spans) {
    ByteBuffer memory = WireMemory.memory(TestSpan.request(spans));
    return new TestBatch(Signal.TRACES, WireMemory.check(Signal.TRACES, memory), "", memory, context::schema);
  }

  /** @see #traces(TestContext, List) */
  public static TestBatch traces(TestContext context, TestSpan... spans) {
    return traces(context, List.of(spans));
  }

  /** A batch that is not read item by item. */
  public static TestBatch of(Signal signal, byte[] request) {
    ByteBuffer memory = WireMemory.memory(request);
    return new TestBatch(signal, WireMemory.check(signal, memory), "", memory, () -> {
      throw new UnsupportedOperationException("made without a context, so without fields");
    });
  }

  public TestBatch tenant(String tenant) {
    return new TestBatch(signal, items, tenant, memory, schema);
  }

  /** The same items said to be of another signal: what an exporter sees of items it only knows attributes of. */
  public TestBatch shownAs(Signal signal) {
    return new TestBatch(signal, items, tenant, memory, schema);
  }

  /** What the engine does when the outcome was told: the memory holds something else, and cursors throw. */
  public void release() {
    for (int i = 0; i < memory.limit(); i++) memory.put(i, (byte) 0xff);
    cursors.forEach(SpanCursor::poison);
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
    return tenant;
  }

  @Override
  public ByteBuffer wire() {
    return memory.asReadOnlyBuffer();
  }

  @Override
  public Items read() {
    SpanCursor cursor = new SpanCursor();
    cursor.reset(schema.get(), wire());
    cursors.add(cursor);
    return signal == Signal.TRACES ? cursor : new Shown(signal, cursor);
  }

  private record Shown(Signal signal, SpanCursor cursor) implements Items {
    @Override
    public boolean next() {
      return cursor.next();
    }

    @Override
    public Value get(Field field) {
      return cursor.get(field);
    }
  }
}
