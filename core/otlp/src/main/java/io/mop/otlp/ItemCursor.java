package io.mop.otlp;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cursor over the items of a request that passed {@link Structure#check}. One scan fills arrays which are kept
 * from batch to batch, so a lane allocates nothing once they have grown; about 100 bytes an item and 8 a declared
 * attribute. Reads as protobuf does: the last of a repeated single field counts, pieces of a message are merged, the
 * first of several attributes with one key is shown. The bytes must not change until the next {@link #reset}.
 */
public abstract sealed class ItemCursor implements Items permits SpanCursor, PointCursor, LogCursor {
  private static final WireValue[] NONE = {};

  private final ItemIndex index;
  private WireValue[] values = NONE;
  private ValueWalk walk;
  private int at = -1;
  /** Another number after every move, by which values know that they are out of date. */
  private long stamp;
  /** Volatile: {@link #poison} may come from the watchdog while a plugin's thread still reads. */
  private volatile boolean open;

  ItemCursor(ItemIndex index) {
    this.index = index;
  }

  /** A cursor for requests of the signal. */
  public static ItemCursor of(Signal signal) {
    return switch (signal) {
      case TRACES -> new SpanCursor();
      case METRICS -> new PointCursor();
      case LOGS -> new LogCursor();
    };
  }

  /** Scans the bytes from position to limit and stands before the first item; for the engine, not for plugins. */
  public void reset(Schema schema, ByteBuffer wire) {
    index.scan(schema, wire);
    if (values.length < schema.size()) {
      int known = values.length;
      values = Arrays.copyOf(values, schema.size());
      for (int i = known; i < values.length; i++) values[i] = new WireValue(this, KeyValue.VALUE);
    }
    rewind();
  }

  /** Stands before the first item again, also after {@link #poison}; for the engine, not for plugins. */
  public void rewind() {
    at = -1;
    stamp++;
    open = true;
  }

  /** From now on every use by a plugin throws, of this cursor and of what it gave out, until it is reset or rewound. */
  public void poison() {
    open = false;
  }

  /** Number of spans, data points or log records; also after {@link #poison}. */
  public int items() {
    return index.items;
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
    ItemIndex x = index;
    int i = x.schema.index(field);
    int column = x.schema.column(i);
    return switch (x.schema.field(i).level()) {
      case ITEM -> value(i, x.keyValue, item * x.schema.items.columns + column);
      case SCOPE -> value(i, x.scopeKeyValue, x.scope[item] * x.schema.scopes.columns + column);
      case RESOURCE -> value(i, x.resourceKeyValue, x.resourceOfItem(item) * x.schema.resources.columns + column);
    };
  }

  @Override
  public int resource() {
    return index.resourceOfItem(current());
  }

  /** The cursor's own, as a walk shows values of the cursor. */
  ValueWalk walk() {
    if (walk == null) walk = new ValueWalk(this);
    return walk;
  }

  long stamp() {
    return stamp;
  }

  /** Makes what was given out void. */
  void move() {
    stamp++;
  }

  private Value value(int i, int[] keyValues, int slot) {
    return values[i].at(stamp, keyValues[2 * slot], keyValues[2 * slot + 1]);
  }

  Text show(WireText text, int at, int length) {
    return text.at(stamp, at, length);
  }

  Value show(WireValue value, int at, int end) {
    return value.at(stamp, at, end);
  }

  ItemIndex index() {
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
      throw new IllegalStateException("no current item: expected next() to have returned true");
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
