package io.mop.otlp;

import io.mop.api.data.Field;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cursor over the spans of a traces request that passed {@link Structure#check}. One scan fills arrays which are kept
 * from batch to batch, so a lane allocates nothing once they have grown; about 100 bytes a span and 8 a declared
 * attribute. Reads as protobuf does: the last of a repeated single field counts, pieces of a message are merged, the
 * first of several attributes with one key is shown. The bytes must not change until the next {@link #reset}.
 */
public final class SpanCursor implements Spans {
  private static final WireValue[] NONE = {};

  private final SpanIndex index = new SpanIndex();
  private final WireText name = new WireText(this);
  private WireValue[] values = NONE;
  private int at = -1;
  /** Another number after every move, by which values know that they are out of date. */
  private long stamp;
  /** Volatile: {@link #poison} may come from the watchdog while a plugin's thread still reads. */
  private volatile boolean open;

  /** Scans the bytes from position to limit and stands before the first span; for the engine, not for plugins. */
  public void reset(Schema schema, ByteBuffer wire) {
    index.scan(schema, wire);
    if (values.length < schema.size()) {
      int known = values.length;
      values = Arrays.copyOf(values, schema.size());
      for (int i = known; i < values.length; i++) values[i] = new WireValue(this);
    }
    rewind();
  }

  /** Stands before the first span again, also after {@link #poison}; for the engine, not for plugins. */
  public void rewind() {
    at = -1;
    stamp++;
    open = true;
  }

  /** From now on every use by a plugin throws, of this cursor and of what it gave out, until it is reset or rewound. */
  public void poison() {
    open = false;
  }

  /** Number of spans; also after {@link #poison}. */
  public int items() {
    return index.items;
  }

  @Override
  public Signal signal() {
    return Signal.TRACES;
  }

  @Override
  public boolean next() {
    requireOpen();
    stamp++;
    if (at + 1 >= index.items) {
      at = index.items;
      return false;
    }
    at++;
    return true;
  }

  @Override
  public Value get(Field field) {
    int item = current();
    SpanIndex x = index;
    int i = x.schema.index(field);
    int column = x.schema.column(i);
    return switch (x.schema.field(i).level()) {
      case ITEM -> value(i, x.keyValue, item * x.schema.items.columns + column);
      case SCOPE -> value(i, x.scopeKeyValue, x.scope[item] * x.schema.scopes.columns + column);
      case RESOURCE -> value(i, x.resourceKeyValue, x.resourceOfItem(item) * x.schema.resources.columns + column);
    };
  }

  private Value value(int i, int[] keyValues, int slot) {
    return values[i].at(stamp, keyValues[2 * slot], keyValues[2 * slot + 1]);
  }

  @Override
  public long traceIdHigh() {
    return index.traceIdHigh[current()];
  }

  @Override
  public long traceIdLow() {
    return index.traceIdLow[current()];
  }

  @Override
  public long spanId() {
    return index.spanId[current()];
  }

  @Override
  public long parentId() {
    return index.parentId[current()];
  }

  @Override
  public long start() {
    return index.startNano[current()];
  }

  @Override
  public long end() {
    return index.endNano[current()];
  }

  @Override
  public int kind() {
    return index.kind[current()];
  }

  @Override
  public int status() {
    return index.status[current()];
  }

  @Override
  public Text name() {
    int item = current();
    return name.at(stamp, index.nameAt[item], index.nameLength[item]);
  }

  SpanIndex index() {
    return index;
  }

  byte[] wire() {
    return index.wire;
  }

  /** The current item. */
  int current() {
    requireOpen();
    int item = at;
    if (item < 0 || item >= index.items) {
      throw new IllegalStateException("no current span: expected next() to have returned true");
    }
    return item;
  }

  void check(long stampOfUse) {
    if (stampOfUse != stamp || !open) {
      throw new IllegalStateException("value used after its cursor moved or its call ended; copy what is kept");
    }
  }

  private void requireOpen() {
    if (!open) throw new IllegalStateException("cursor used after its call ended");
  }
}
