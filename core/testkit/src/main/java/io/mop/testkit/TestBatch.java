package io.mop.testkit;

import io.mop.api.data.Batch;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.otlp.ItemCursor;
import io.mop.otlp.Schema;
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
  private final Queue<ItemCursor> cursors = new ConcurrentLinkedQueue<>();

  private TestBatch(Signal signal, int items, String tenant, ByteBuffer memory, Supplier<Schema> schema) {
    this.signal = signal;
    this.items = items;
    this.tenant = tenant;
    this.memory = memory;
    this.schema = schema;
  }

  /** @param context what the exporter was made with: it knows the fields */
  public static TestBatch traces(TestContext context, List<TestSpan> spans) {
    return of(context, Signal.TRACES, TestSpan.request(spans));
  }

  /** @see #traces(TestContext, List) */
  public static TestBatch traces(TestContext context, TestSpan... spans) {
    return traces(context, List.of(spans));
  }

  /** Log records at the spans' start with the spans' attributes, scopes and resources. */
  public static TestBatch logs(TestContext context, List<TestSpan> spans) {
    return of(context, Signal.LOGS, SpanCodec.logs(spans));
  }

  /**
   * Data points at the spans' start, one of a gauge of the span's name each, with its attributes, scope and resource.
   */
  public static TestBatch metrics(TestContext context, List<TestSpan> spans) {
    return of(context, Signal.METRICS, SpanCodec.metrics(spans));
  }

  /** @param context what the exporter was made with: it knows the fields */
  public static TestBatch of(TestContext context, Signal signal, byte[] request) {
    ByteBuffer memory = WireMemory.memory(request);
    return new TestBatch(signal, WireMemory.check(signal, memory), "", memory, context::schema);
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

  /** What the engine does when the outcome was told: the memory holds something else, and cursors throw. */
  public void release() {
    for (int i = 0; i < memory.limit(); i++) memory.put(i, (byte) 0xff);
    cursors.forEach(ItemCursor::poison);
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
    ItemCursor cursor = ItemCursor.of(signal);
    cursor.reset(schema.get(), wire());
    cursors.add(cursor);
    return cursor;
  }
}
