package io.mop.testkit;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Transform;
import io.mop.otlp.EditLog;
import io.mop.otlp.ItemCursor;
import io.mop.otlp.Rewriter;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a transform as the engine does: on the bytes of a request, which it reads through a cursor, and with edits that
 * are applied when the call has returned. From then on the cursor and what it gave out are poisoned: a part that keeps
 * them fails with its next use.
 */
public final class TransformHarness {
  private final TestContext context;
  private final Transform transform;
  private final Map<String, Integer> dropped = new LinkedHashMap<>();

  /** @param context what {@code transform} was made with: it knows the fields */
  public TransformHarness(TestContext context, Transform transform) {
    this.context = context;
    this.transform = transform;
  }

  /** One call; what comes out of it. */
  public List<TestSpan> apply(List<TestSpan> spans) {
    return TestSpan.spans(apply(Signal.TRACES, TestSpan.request(spans)));
  }

  /**
   * One call on log records: each at a span's start with its attributes, scope and resource, and its name as the body;
   * back the same way, the rest as {@link TestSpan#of} has it.
   */
  public List<TestSpan> applyToLogs(List<TestSpan> records) {
    return SpanCodec.readLogs(apply(Signal.LOGS, SpanCodec.logsWithBodies(records)));
  }

  /**
   * One call on data points: each of a gauge of a span's name, at its start with its attributes, scope and resource;
   * back the same way, the rest as {@link TestSpan#of} has it.
   */
  public List<TestSpan> applyToMetrics(List<TestSpan> points) {
    return SpanCodec.readMetrics(apply(Signal.METRICS, SpanCodec.metrics(points)));
  }

  /**
   * One call on an OTLP request of the signal; the request that comes out of it.
   *
   * @throws AssertionError if either is none, or has not the items that were not dropped
   */
  public byte[] apply(Signal signal, byte[] request) {
    ByteBuffer wire = WireMemory.memory(request).asReadOnlyBuffer();
    int items = WireMemory.check(signal, wire);
    ItemCursor cursor = ItemCursor.of(signal);
    cursor.reset(context.schema(), wire);
    EditLog edits = new EditLog();
    edits.begin(cursor);
    transform.apply(cursor, edits);
    cursor.poison();
    edits.close();
    dropped.clear();
    edits.drops((reason, n) -> dropped.put(reason.code(), n));
    ByteBuffer out = edits.isEmpty() ? wire : rewrite(cursor, edits);
    int left = WireMemory.check(signal, out);
    if (left != items - edits.dropped()) {
      throw new AssertionError(left + " of " + items + " items left, " + edits.dropped() + " dropped");
    }
    byte[] result = new byte[out.remaining()];
    out.get(result);
    return result;
  }

  /** Items that the last call dropped, by reason. */
  public Map<String, Integer> dropped() {
    return Map.copyOf(dropped);
  }

  /**
   * Bytes of heap that one call allocates: the least of five, as the first ones load classes and let the edits' memory
   * grow. More than some 10,000 edits count as well, as so much memory is not kept between calls.
   */
  public long allocated(List<TestSpan> spans) {
    return allocated(Signal.TRACES, TestSpan.request(spans));
  }

  /** The same of the bytes of an OTLP request. */
  public long allocated(Signal signal, byte[] request) {
    ByteBuffer wire = WireMemory.memory(request);
    ItemCursor cursor = ItemCursor.of(signal);
    EditLog edits = new EditLog();
    return Allocation.least(
        () -> {
          cursor.reset(context.schema(), wire);
          edits.begin(cursor);
        },
        () -> transform.apply(cursor, edits));
  }

  private static ByteBuffer rewrite(ItemCursor cursor, EditLog edits) {
    ByteBuffer target = ByteBuffer.allocateDirect(Rewriter.bound(cursor, edits));
    Rewriter.write(cursor, edits, target);
    return target;
  }
}
