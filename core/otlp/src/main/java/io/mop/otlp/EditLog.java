package io.mop.otlp;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.mop.api.data.ValueEditor;
import io.mop.otlp.AttributeField.Level;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.ObjIntConsumer;

/**
 * The edits of one call, recorded at the cursor's current item and applied by {@link Rewriter}. Reusable: memory grows
 * to what a batch needs and is kept. Texts are copied as they come; what is not UTF-8 in one becomes U+FFFD.
 *
 * <p>Edits of a resource or scope may be recorded at any of its items. One that equals an edit recorded there at an
 * earlier item counts once, so a part that treats every item alike changes the resource once; different ones apply in
 * the order they were first recorded. An edit of a dropped item is void, but not one of its resource or scope.
 *
 * <p>At most 64 MiB of edits, reckoned as what they may add to the request, and 256 reasons fit in one call; beyond
 * that an edit throws.
 */
public final class EditLog implements Edits {
  /** The owner has edits of its own. */
  private static final byte EDITED = 1;
  /** Something in the owner changes. */
  private static final byte TOUCHED = 2;

  /** Most bytes that one edit adds beyond key and value: new headers of attribute, item, metric, scope and resource. */
  private static final int OVERHEAD = 64;

  private static final int KEEP = 1 << 18;

  final EditList list = new EditList();
  /** What {@link #values} makes of the request, with which no other edit is made. */
  final Splices splices = new Splices();
  final Rewriter rewriter = new Rewriter(this);
  private final Drops drops = new Drops();
  private ItemCursor cursor = new SpanCursor();
  private ItemIndex index = cursor.index();
  private byte[] state = {};
  /** Of a resource, scope or metric how many of its items are dropped; of an item 1 + the number of its reason. */
  private int[] dropped = {};
  private int effective;
  private boolean edited;
  private boolean walked;
  private long growth;
  /** Volatile: {@link #revoke} comes from the watchdog while a plugin's thread still writes. */
  private volatile boolean open;
  private volatile boolean revoked;

  /**
   * Forgets all edits and takes those of a call that reads with {@code cursor}, which must have been reset before.
   *
   * @throws IllegalStateException if revoked
   */
  public void begin(ItemCursor cursor) {
    if (revoked) throw new IllegalStateException("edit log was revoked; expected a new one");
    this.cursor = cursor;
    index = cursor.index();
    int owners = index.items + index.scopes + index.resources;
    list.clear(owners);
    owners += index.metrics;
    drops.clear();
    splices.clear();
    effective = 0;
    edited = false;
    walked = false;
    growth = 0;
    if (state.length < owners || state.length > KEEP) {
      state = new byte[Math.max(64, owners + owners / 4)];
      dropped = new int[state.length];
    } else {
      Arrays.fill(state, 0, owners, (byte) 0);
      Arrays.fill(dropped, 0, owners, 0);
    }
    open = true;
  }

  /** The call is over: from now on edits throw, until the next {@link #begin}; what was recorded stays. */
  public void close() {
    open = false;
  }

  /** The part was tripped: from now on edits and {@link #begin} throw, on any thread. What was recorded is void. */
  public void revoke() {
    revoked = true;
    open = false;
  }

  /** True if the batch stays as it is. */
  public boolean isEmpty() {
    return effective == 0 && drops.total() == 0 && splices.isEmpty();
  }

  /** Number of items dropped. */
  public int dropped() {
    return drops.total();
  }

  /** Calls {@code each} with every reason and its number of dropped items. */
  public void drops(ObjIntConsumer<Reason> each) {
    drops.forEach(each);
  }

  /** Why an item, counted from 0, was dropped; empty if it was not. Until the next {@link #begin}. */
  public Optional<Reason> dropped(int item) {
    if (item < 0 || item >= index.items) throw new IndexOutOfBoundsException("item " + item + " of " + index.items);
    return dropped[item] == 0 ? Optional.empty() : Optional.of(drops.reason(dropped[item] - 1));
  }

  @Override
  public void rename(Field field, Text key) {
    int item = current();
    int i = index.schema.index(field);
    int at = list.pool.size();
    int length = list.pool.add(key);
    if (length == 0) {
      throw new IllegalArgumentException("rename of '" + field.key() + "': expected a key of 1 or more bytes");
    }
    byte[] old = index.schema.key(i);
    if (Arrays.equals(old, 0, old.length, list.pool.array(), at, at + length)) list.pool.cut(at);
    else add(EditList.RENAME, i, item, at, length, at, length);
  }

  @Override
  public void set(Field field, Text value) {
    int item = current();
    int i = index.schema.index(field);
    int at = list.pool.size();
    int length = list.pool.add(value);
    add(EditList.TEXT, i, item, at, length, at, length);
  }

  @Override
  public void set(Field field, byte[] utf8, int from, int to) {
    int item = current();
    int i = index.schema.index(field);
    int at = list.pool.size();
    list.pool.addText(utf8, from, to);
    int length = list.pool.size() - at;
    add(EditList.TEXT, i, item, at, length, at, length);
  }

  @Override
  public void set(Field field, long value) {
    setBits(EditList.INT, field, value);
  }

  @Override
  public void set(Field field, double value) {
    setBits(EditList.DOUBLE, field, Double.doubleToRawLongBits(value));
  }

  @Override
  public void set(Field field, boolean value) {
    setBits(EditList.BOOL, field, value ? 1 : 0);
  }

  @Override
  public void hash(Field field) {
    int item = current();
    add(EditList.HASH, index.schema.index(field), item, 0, 0, list.pool.size(), Hash.LENGTH);
  }

  @Override
  public void remove(Field field) {
    int item = current();
    add(EditList.REMOVE, index.schema.index(field), item, 0, 0, list.pool.size(), 0);
  }

  @Override
  public void drop(Reason reason) {
    int item = current();
    if (dropped[item] != 0) return;
    dropped[item] = 1 + drops.add(reason);
    int metric = index.metricOfItem(item);
    if (metric >= 0) dropped[metricOwner(metric)]++;
    dropped[scopeOwner(index.scope[item])]++;
    dropped[resourceOwner(index.resourceOfItem(item))]++;
    touch(Level.ITEM, item);
  }

  @Override
  public void values(ValueEditor editor) {
    requireOpen();
    if (edited || walked) throw new IllegalStateException("values: expected no other edit in the call");
    walked = true;
    cursor.move();
    cursor.walk().run(this, editor);
    if (splices.growth() > EditList.LIMIT) {
      throw new IllegalStateException("edits: expected at most " + EditList.LIMIT + " bytes in one call");
    }
  }

  int scopeOwner(int scope) {
    return index.items + scope;
  }

  int resourceOwner(int resource) {
    return index.items + index.scopes + resource;
  }

  /** A metric owns no edits, but it may be touched and have dropped points. */
  int metricOwner(int metric) {
    return index.items + index.scopes + index.resources + metric;
  }

  /** True if the owner, or something in it, changes. */
  boolean touched(int owner) {
    return state[owner] != 0;
  }

  /** True if the owner itself changes. */
  boolean edited(int owner) {
    return (state[owner] & EDITED) != 0;
  }

  /** 0 if the item stays, or all of the owner's items do. */
  int droppedOf(int owner) {
    return dropped[owner];
  }

  /** Most bytes the output can have beyond the input; exact, and maybe negative, of {@link #values}. */
  long growth() {
    return walked ? splices.growth() : growth;
  }

  private void setBits(int kind, Field field, long bits) {
    int item = current();
    add(kind, index.schema.index(field), item, (int) (bits >>> 32), (int) bits, list.pool.size(), 10);
  }

  private int current() {
    requireOpen();
    if (walked) throw new IllegalStateException("edit made in a call that used values; expected no other edit");
    edited = true;
    return cursor.current();
  }

  void requireOpen() {
    if (!open) throw new IllegalStateException("edit made after its call ended");
  }

  /** Marks what has to be written anew because something of the level changes. */
  private void touch(Level level, int item) {
    if (level == Level.ITEM) {
      state[item] |= TOUCHED;
      int metric = index.metricOfItem(item);
      if (metric >= 0) state[metricOwner(metric)] |= TOUCHED;
    }
    if (level != Level.RESOURCE) state[scopeOwner(index.scope[item])] |= TOUCHED;
    state[resourceOwner(index.resourceOfItem(item))] |= TOUCHED;
  }

  /**
   * @param mark what the pool has from here on belongs to this edit
   * @param valueBytes most bytes its value or new key takes
   */
  private void add(int kind, int field, int item, int a, int b, int mark, int valueBytes) {
    Level level = index.schema.field(field).level();
    int owner = switch (level) {
      case ITEM -> item;
      case SCOPE -> scopeOwner(index.scope[item]);
      case RESOURCE -> resourceOwner(index.resourceOfItem(item));
    };
    // renames, hashes and removals of what is not there
    boolean idle = kind <= EditList.REMOVE && !edited(owner) && index.absent(level, field, item);
    if (level == Level.ITEM && (idle || dropped[item] != 0)) {
      list.pool.cut(mark);
      return;
    }
    list.add(kind, field, item, owner, a, b);
    if (level != Level.ITEM && !list.share()) {
      list.undo();
      list.pool.cut(mark);
      return;
    }
    if (idle) return;
    list.chain(owner);
    growth += OVERHEAD + index.schema.key(field).length + valueBytes;
    if (growth > EditList.LIMIT) {
      throw new IllegalStateException("edits: expected at most " + EditList.LIMIT + " bytes in one call");
    }
    effective++;
    state[owner] |= EDITED;
    touch(level, item);
  }
}
