package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.api.data.Text;
import io.mop.api.data.Value.Type;
import io.mop.api.data.ValueEditor;
import io.mop.api.data.ValueEditor.Owner;

/**
 * Shows every value of a checked request to an editor and records what becomes of it. Follows {@link Shape}, so it
 * finds values wherever the structure check finds them.
 */
final class ValueWalk implements ValueEditor.Edit, ValueEditor.Append {
  /** Tag of an array's element and of a map's entry. */
  private static final int ELEMENT = 0x0A;

  private enum State {
    IDLE,
    ASKING,
    REPLACED,
    REMOVED,
    ENDING
  }

  private final ItemCursor cursor;
  private final WireText key;
  private final WireValue ofKeyValue;
  private final WireValue ofArray;
  private final WireValue ofRecord;
  private final WireValue hidden;

  private EditLog log;
  private Splices splices;
  private ValueEditor editor;
  private byte[] b = {};
  private State state = State.IDLE;
  /** Of the replaced value: where its text begins in the pool. */
  private int textAt;
  /** Where the text of the value asked for begins, -1 = it is none; and whether it is an array or map. */
  private int shownAt;
  private boolean composite;
  /** Arrays and maps around the value. */
  private int depth;
  /** Of the owner that ends. */
  private int attributeTag;
  private int ownerEnd;

  ValueWalk(ItemCursor cursor) {
    this.cursor = cursor;
    key = new WireText(cursor);
    ofKeyValue = new WireValue(cursor, KeyValue.VALUE);
    ofArray = new WireValue(cursor, ELEMENT);
    ofRecord = new WireValue(cursor, LogIndex.BODY);
    hidden = new WireValue(cursor, WireValue.BARE);
  }

  void run(EditLog edits, ValueEditor by) {
    if (state != State.IDLE) throw new IllegalStateException("values: called from within an editor");
    log = edits;
    splices = edits.splices;
    editor = by;
    b = cursor.wire();
    depth = 0;
    try {
      Shape request = switch (cursor.signal()) {
        case TRACES -> Shape.TRACES;
        case METRICS -> Shape.METRICS;
        case LOGS -> Shape.LOGS;
      };
      message(request, 0, cursor.index().end);
    } finally {
      state = State.IDLE;
    }
  }

  @Override
  public void replace(byte[] utf8, int from, int to) {
    expectAsking();
    if (state == State.REPLACED) splices.pool.cut(textAt);
    textAt = splices.pool.size();
    splices.pool.addText(utf8, from, to);
    state = State.REPLACED;
  }

  @Override
  public void remove() {
    expectAsking();
    if (state == State.REPLACED) splices.pool.cut(textAt);
    state = State.REMOVED;
  }

  @Override
  public boolean nested() {
    expectAsking();
    return depth > 0;
  }

  private void expectAsking() {
    log.requireOpen();
    if (state == State.IDLE || state == State.ENDING) throw new IllegalStateException("edit used after its call ended");
  }

  @Override
  public void add(Text name, Text value) {
    int at = begin(name);
    int keyEnd = splices.pool.size();
    splices.pool.add(value);
    splices.pool.wrap(keyEnd, 0x0A);
    splices.pool.wrap(keyEnd, KeyValue.VALUE);
    end(at);
  }

  @Override
  public void add(Text name, long value) {
    int at = begin(name);
    int keyEnd = splices.pool.size();
    splices.pool.addByte(0x18);
    splices.pool.addVarint(value);
    splices.pool.wrap(keyEnd, KeyValue.VALUE);
    end(at);
  }

  private int begin(Text name) {
    log.requireOpen();
    if (state != State.ENDING) throw new IllegalStateException("append used after its call ended");
    int at = splices.pool.size();
    splices.pool.add(name);
    splices.pool.wrap(at, 0x0A);
    return at;
  }

  private void end(int at) {
    splices.pool.wrap(at, attributeTag);
    splices.add(ownerEnd, ownerEnd, at);
  }

  private void message(Shape shape, int at, int end) {
    Owner owner = shape.owner();
    State body = State.IDLE; // what becomes of a log record's body, which may come in pieces
    int bodyShownAt = -1;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      int tag = value(read);
      int lengthAt = next(read);
      at = Wire.skip(b, tag, lengthAt);
      if ((tag & 7) != Wire.LEN || shape.kind(tag >>> 3) != Shape.MESSAGE) continue;
      Shape child = shape.child(tag >>> 3);
      if (!child.values()) continue;
      int bodyAt = next(Wire.u32(b, lengthAt));
      if (child == Shape.KEY_VALUE) {
        keyValue(owner, tagAt, lengthAt, bodyAt, at);
      } else if (child == Shape.VALUE) {
        boolean first = body == State.IDLE;
        if (first) {
          body = ask(Owner.BODY, bodyAt, 0, ofRecord.at(cursor.stamp(), tagAt, end));
          bodyShownAt = shownAt;
        }
        if (body == State.ASKING) any(Owner.BODY, bodyAt, 0, bodyShownAt, lengthAt, bodyAt, at);
        else replace(tagAt, at, LogIndex.BODY, body == State.REMOVED || !first);
      } else {
        splices.open(lengthAt, bodyAt, at);
        message(child, bodyAt, at);
        splices.close();
      }
    }
    if (owner == null) return;
    attributeTag = shape.attributeTag();
    ownerEnd = end;
    state = State.ENDING;
    editor.end(owner, this);
    state = State.IDLE;
  }

  private State ask(Owner owner, int keyAt, int keyLength, WireValue shown) {
    state = State.ASKING;
    editor.value(owner, key.at(cursor.stamp(), keyAt, keyLength), shown, this);
    KeyValue content = shown.content();
    shownAt = content.type == Type.TEXT ? content.at : -1;
    composite = content.type == Type.ARRAY || content.type == Type.MAP;
    cursor.move();
    State verdict = state;
    state = State.IDLE;
    return verdict;
  }

  private void keyValue(Owner owner, int tagAt, int lengthAt, int at, int end) {
    long name = KeyValue.key(b, at, end);
    int keyAt = next(name);
    int keyLength = value(name);
    State verdict = ask(owner, keyAt, keyLength, ofKeyValue.at(cursor.stamp(), at, end));
    if (verdict == State.REMOVED) {
      splices.add(tagAt, end, splices.pool.size());
      return;
    }
    if (verdict == State.ASKING && !composite && isPlain(at, end)) return;
    int shown = shownAt;
    splices.open(lengthAt, at, end);
    boolean found = false;
    while (at < end) {
      int fieldAt = at;
      long read = Wire.u32(b, at);
      int fieldLengthAt = next(read);
      at = Wire.skip(b, value(read), fieldLengthAt);
      if (value(read) != KeyValue.VALUE) continue;
      if (verdict == State.REPLACED) replace(fieldAt, at, KeyValue.VALUE, found);
      else any(owner, keyAt, keyLength, shown, fieldLengthAt, next(Wire.u32(b, fieldLengthAt)), at);
      found = true;
    }
    if (!found && verdict == State.REPLACED) replace(end, end, KeyValue.VALUE, false);
    splices.close();
  }

  /** True if the attribute has one key and one value of one field, so that the reader sees all there is. */
  private boolean isPlain(int at, int end) {
    int keyLength = KeyValue.plainKey(b, at, end, Wire.peek(b, at));
    if (keyLength < 0) return false;
    int valueAt = at + 2 + keyLength;
    return valueAt == end || isSingle(next(Wire.u32(b, valueAt + 1)), end);
  }

  /** True if the AnyValue has one field at most. */
  private boolean isSingle(int at, int end) {
    if (at == end) return true;
    long read = Wire.u32(b, at);
    return Wire.skip(b, value(read), next(read)) == end;
  }

  /** Puts the new value in the place of a field; only removes the field if {@code gone}. */
  private void replace(int from, int to, int tag, boolean gone) {
    int at = splices.pool.size();
    if (!gone) {
      at = textAt;
      splices.pool.wrap(at, 0x0A);
      splices.pool.wrap(at, tag);
    }
    splices.add(from, to, at);
  }

  /**
   * Looks into an AnyValue, or a piece of one, that was neither replaced nor removed as a whole.
   *
   * @param shown where the text begins that was asked for
   */
  private void any(Owner owner, int keyAt, int keyLength, int shown, int lengthAt, int at, int end) {
    splices.open(lengthAt, at, end);
    while (at < end) {
      int fieldAt = at;
      long read = Wire.u32(b, at);
      int tag = value(read);
      int fieldLengthAt = next(read);
      at = Wire.skip(b, tag, fieldLengthAt);
      if (tag == 0x0A) {
        if (next(Wire.u32(b, fieldLengthAt)) != shown) hidden(owner, keyAt, keyLength, fieldAt, at);
      } else if (tag == 0x2A || tag == 0x32) {
        int bodyAt = next(Wire.u32(b, fieldLengthAt));
        splices.open(fieldLengthAt, bodyAt, at);
        depth++;
        elements(owner, keyAt, keyLength, tag == 0x32, bodyAt, at);
        depth--;
        splices.close();
      }
    }
    splices.close();
  }

  private void elements(Owner owner, int keyAt, int keyLength, boolean map, int at, int end) {
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      int lengthAt = next(read);
      at = Wire.skip(b, value(read), lengthAt);
      if (value(read) != ELEMENT) continue;
      int bodyAt = next(Wire.u32(b, lengthAt));
      if (map) {
        keyValue(owner, tagAt, lengthAt, bodyAt, at);
        continue;
      }
      State verdict = ask(owner, keyAt, keyLength, ofArray.at(cursor.stamp(), tagAt, at));
      if (verdict != State.ASKING) replace(tagAt, at, ELEMENT, verdict == State.REMOVED);
      else if (composite || !isSingle(bodyAt, at)) any(owner, keyAt, keyLength, shownAt, lengthAt, bodyAt, at);
    }
  }

  /** A text in an AnyValue that another field of it takes the place of. */
  private void hidden(Owner owner, int keyAt, int keyLength, int at, int end) {
    State verdict = ask(owner, keyAt, keyLength, hidden.at(cursor.stamp(), at, end));
    if (verdict == State.ASKING) return;
    if (verdict == State.REMOVED) textAt = splices.pool.size();
    splices.pool.wrap(textAt, 0x0A);
    splices.add(at, end, textAt);
  }
}
