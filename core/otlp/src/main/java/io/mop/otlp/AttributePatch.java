package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.otlp.AttributeField.Level;
import java.util.Arrays;

/**
 * Applies the edits of one owner to its attributes. Only attributes with a key that an edit names are looked at: a
 * place is one of those in the wire bytes, in order; a name is one key with what it stands for at the moment. Every
 * other byte is copied as it is. The first attribute of several with a named key is kept, as the cursor shows it.
 */
final class AttributePatch {
  private static final int ABSENT = -1;

  private final EditList list;
  private final KeyValue content = new KeyValue();
  private final Hash hash = new Hash();
  private ItemIndex index;
  private Pieces pieces;
  private int attributeTag;

  private int names;
  /** Marks of the names. */
  private long marks;
  /** The key's bytes; null = they lie in the pool. */
  private byte[][] key = new byte[8][];
  /** The column of a declared key, else ABSENT. */
  private int[] column = new int[8];
  private int[] keyAt = new int[8];
  private int[] keyLength = new int[8];
  private long[] keyTail = new long[8];
  private long[] keyMark = new long[8];
  /** The attribute's place, -2 for the first appended, -3 for the second and so on, or ABSENT. */
  private int[] position = new int[8];
  /** The place of the KeyValue it was made from, or ABSENT if it is new. */
  private int[] source = new int[8];
  /** Its new value: kind of the edit, or ABSENT if it keeps the source's; then as in EditList. */
  private int[] newKind = new int[8];
  private int[] newA = new int[8];
  private int[] newB = new int[8];

  private final Pieces places = new Pieces();
  private int[] nameOfPlace = new int[8];
  /** The name that stands at the place now, or ABSENT. */
  private int[] occupant = new int[8];

  private int appended;
  private int[] appendedName = new int[8];

  private final Pieces kept = new Pieces();

  AttributePatch(EditList list) {
    this.list = list;
  }

  /** Works out what becomes of the attributes, fields {@code attributeTag} of the message in {@code pieces}. */
  void apply(ItemIndex index, Level level, int owner, int attributeTag, Pieces pieces) {
    this.index = index;
    this.pieces = pieces;
    this.attributeTag = attributeTag;
    names = 0;
    marks = 0;
    appended = 0;
    places.clear();
    for (int e = list.first(owner); e >= 0; e = list.next(e)) {
      field(e);
      if (list.kind(e) == EditList.RENAME) newKey(e);
    }
    if (level != Level.ITEM || index.runAt[owner] < 0) {
      for (int i = 0; i < pieces.size; i++) find(pieces.body[i], pieces.end[i]);
    } else if (!findScanned(owner)) {
      findPlain(index.runAt[owner], index.runEnd[owner]);
    }
    for (int e = list.first(owner); e >= 0; e = list.next(e)) apply(e);
  }

  /** True if nothing is appended. */
  boolean addsNothing() {
    for (int i = 0; i < appended; i++) if (appendedName[i] != ABSENT) return false;
    return true;
  }

  /** Writes the whole body, all pieces as one. */
  void write(BackwardWriter out) {
    for (int i = appended - 1; i >= 0; i--) {
      if (appendedName[i] != ABSENT) write(out, appendedName[i]);
    }
    int p = places.size - 1;
    for (int i = pieces.size - 1; i >= 0; i--) {
      int end = pieces.end[i];
      for (; p >= 0 && places.tag[p] >= pieces.body[i]; p--) {
        int name = occupant[p];
        if (name != ABSENT && name == nameOfPlace[p] && source[name] == p && newKind[name] == ABSENT) continue;
        out.copy(index.wire, places.end[p], end);
        if (name != ABSENT) write(out, name);
        end = places.tag[p];
      }
      out.copy(index.wire, pieces.body[i], end);
    }
  }

  private void write(BackwardWriter out, int name) {
    int end = out.at();
    int from = source[name];
    boolean newValue = newKind[name] != ABSENT;
    boolean newKey = from == ABSENT || nameOfPlace[from] != name;
    if (newValue) writeValue(out, name);
    if (from != ABSENT) writeKept(out, from, !newKey, !newValue);
    if (newKey) {
      int keyEnd = out.at();
      out.copy(keyBytes(name), keyAt[name], keyAt[name] + keyLength[name]);
      out.header(0x0A, keyEnd);
    }
    out.header(attributeTag, end);
  }

  private void writeValue(BackwardWriter out, int name) {
    int end = out.at();
    long bits = (long) newA[name] << 32 | newB[name] & 0xFFFFFFFFL;
    switch (newKind[name]) {
      case EditList.TEXT -> {
        out.copy(list.pool.array(), newA[name], newA[name] + newB[name]);
        out.header(0x0A, end);
      }
      case EditList.INT -> {
        out.varint(bits);
        out.tag(0x18);
      }
      case EditList.DOUBLE -> {
        out.fixed64(bits);
        out.tag(0x21);
      }
      default -> {
        out.varint(bits);
        out.tag(0x10);
      }
    }
    out.header(0x12, end);
  }

  /** What the KeyValue at the place has beside its key, its value or both; unknown fields too. */
  private void writeKept(BackwardWriter out, int place, boolean key, boolean value) {
    byte[] b = index.wire;
    int at = places.body[place];
    int end = places.end[place];
    int plain = KeyValue.plainKey(b, at, end, Wire.peek(b, at));
    if (plain >= 0) {
      int keyEnd = at + 2 + plain;
      out.copy(b, key ? at : keyEnd, value ? end : keyEnd);
      return;
    }
    kept.clear();
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      at = Wire.skip(b, value(read), next(read));
      if (value(read) == 0x0A ? key : value(read) != 0x12 || value) kept.add(tagAt, tagAt, at);
    }
    for (int i = kept.size - 1; i >= 0; i--) out.copy(b, kept.tag[i], kept.end[i]);
  }

  private void apply(int edit) {
    int name = field(edit);
    int kind = list.kind(edit);
    boolean present = position[name] != ABSENT;
    if (kind <= EditList.REMOVE && !present) return;
    switch (kind) {
      case EditList.RENAME -> rename(name, newKey(edit));
      case EditList.REMOVE -> {
        vacate(name);
        position[name] = ABSENT;
      }
      case EditList.HASH -> hash(name);
      default -> {
        if (!present) append(name);
        newKind[name] = kind;
        newA[name] = list.textAt(edit);
        newB[name] = list.textLength(edit);
      }
    }
  }

  private void rename(int from, int to) {
    if (position[to] != ABSENT) vacate(to);
    stand(position[from], to);
    position[to] = position[from];
    source[to] = source[from];
    newKind[to] = newKind[from];
    newA[to] = newA[from];
    newB[to] = newB[from];
    position[from] = ABSENT;
  }

  private void vacate(int name) {
    stand(position[name], ABSENT);
  }

  private void stand(int position, int name) {
    if (position >= 0) occupant[position] = name;
    else appendedName[-2 - position] = name;
  }

  private void append(int name) {
    if (appended == appendedName.length) appendedName = Arrays.copyOf(appendedName, 2 * appended);
    appendedName[appended] = name;
    position[name] = -2 - appended++;
    source[name] = ABSENT;
  }

  private void hash(int name) {
    if (newKind[name] == ABSENT) {
      hashSource(source[name]);
    } else {
      long bits = (long) newA[name] << 32 | newB[name] & 0xFFFFFFFFL;
      switch (newKind[name]) {
        case EditList.TEXT -> hash.of(list.pool.array(), newA[name], newB[name]);
        case EditList.INT -> hash.of(bits);
        case EditList.DOUBLE -> hash.of(Double.toString(Double.longBitsToDouble(bits)));
        default -> hash.of(bits != 0 ? "true" : "false");
      }
    }
    newKind[name] = EditList.TEXT;
    newA[name] = list.pool.extend(Hash.LENGTH);
    newB[name] = Hash.LENGTH;
    hash.hex(list.pool.array(), newA[name]);
  }

  private void hashSource(int place) {
    content.read(index.wire, places.body[place], places.end[place]);
    switch (content.type) {
      case INT -> hash.of(content.bits);
      case DOUBLE -> hash.of(Double.toString(Double.longBitsToDouble(content.bits)));
      case BOOL -> hash.of(content.bits != 0 ? "true" : "false");
      case TEXT, BYTES, ARRAY, MAP -> hash.of(index.wire, content.at, content.length);
      default -> { }
    }
  }

  /** Takes the attributes of a plain run from the scan; false if one may be there that it did not look for. */
  private boolean findScanned(int item) {
    if (names > 8) return false;
    long seen = index.runMarks[item];
    for (int n = 0; n < names; n++) {
      if (column[n] == ABSENT && (seen & keyMark[n]) != 0) return false;
    }
    int row = item * index.schema.items.columns;
    for (int last = -1, n = following(row, last); n != ABSENT; n = following(row, last)) {
      int slot = 2 * (row + column[n]);
      int body = index.keyValue[slot];
      int end = index.keyValue[slot + 1];
      place(body - 1 - Wire.sizeOfVarint(end - body), body, end, n);
      last = body;
    }
    return true;
  }

  /** The name of the first attribute after a position, of those the scan looked for in the item of the row. */
  private int following(int row, int position) {
    int first = ABSENT;
    int at = Integer.MAX_VALUE;
    for (int n = 0; n < names; n++) {
      if (column[n] == ABSENT) continue;
      int body = index.keyValue[2 * (row + column[n])];
      if (body > position && body < at) {
        at = body;
        first = n;
      }
    }
    return first;
  }

  /** The attributes of an item that come in one run and are plain, as the scan found. */
  private void findPlain(int at, int end) {
    byte[] b = index.wire;
    long known = marks;
    while (at < end) {
      int tagAt = at;
      int body = at + 2;
      int length = b[at + 1];
      if (length < 0) {
        long read = Wire.u32(b, at + 1);
        body = next(read);
        length = value(read);
      }
      at = body + length;
      int key = b[body + 1];
      if ((known & Wire.mark(b, body + 2, key)) != 0) match(tagAt, body, at, body + 2, key);
    }
  }

  private void find(int at, int end) {
    byte[] b = index.wire;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      at = next(read);
      if (value(read) == attributeTag) {
        read = Wire.u32(b, at);
        at = next(read) + value(read);
        long key = KeyValue.key(b, next(read), at);
        if ((marks & Wire.mark(b, next(key), value(key))) != 0) match(tagAt, next(read), at, next(key), value(key));
      } else {
        at = Wire.skip(b, value(read), at);
      }
    }
  }

  private void match(int tagAt, int body, int end, int key, int length) {
    byte[] b = index.wire;
    int name = lookUp(b, key, length, Wire.tail(b, key, length));
    if (name != ABSENT) place(tagAt, body, end, name);
  }

  private void place(int tagAt, int body, int end, int name) {
    int p = places.size;
    if (p == occupant.length) {
      occupant = Arrays.copyOf(occupant, 2 * p);
      nameOfPlace = Arrays.copyOf(nameOfPlace, 2 * p);
    }
    places.add(tagAt, body, end);
    nameOfPlace[p] = name;
    occupant[p] = ABSENT;
    if (position[name] != ABSENT) return;
    occupant[p] = name;
    position[name] = p;
    source[name] = p;
  }

  private int field(int edit) {
    int field = list.field(edit);
    byte[] bytes = index.schema.key(field);
    for (int n = 0; n < names; n++) {
      if (key[n] == bytes) return n;
    }
    int n = name(bytes, 0, bytes.length, index.schema.tail(field));
    key[n] = bytes;
    keyAt[n] = 0;
    column[n] = index.schema.column(field);
    return n;
  }

  private int newKey(int edit) {
    byte[] pool = list.pool.array();
    int at = list.textAt(edit);
    int length = list.textLength(edit);
    return name(pool, at, length, Wire.tail(pool, at, length));
  }

  private byte[] keyBytes(int name) {
    return key[name] == null ? list.pool.array() : key[name];
  }

  private int lookUp(byte[] b, int at, int length, long tail) {
    for (int n = 0; n < names; n++) {
      if (keyTail[n] == tail && keyLength[n] == length
          && (length <= 8 || Wire.same(b, at, keyBytes(n), keyAt[n], length - 8))) {
        return n;
      }
    }
    return ABSENT;
  }

  /** The name of the key, made if there is none, as one whose bytes are in the pool. */
  private int name(byte[] bytes, int at, int length, long tail) {
    int n = lookUp(bytes, at, length, tail);
    if (n != ABSENT) return n;
    n = names++;
    if (n == keyAt.length) growNames();
    key[n] = null;
    column[n] = ABSENT;
    keyAt[n] = at;
    keyLength[n] = length;
    keyTail[n] = tail;
    position[n] = ABSENT;
    source[n] = ABSENT;
    newKind[n] = ABSENT;
    keyMark[n] = Wire.mark(bytes, at, length);
    marks |= keyMark[n];
    return n;
  }

  private void growNames() {
    key = Arrays.copyOf(key, 2 * names);
    column = Arrays.copyOf(column, 2 * names);
    keyAt = Arrays.copyOf(keyAt, 2 * names);
    keyLength = Arrays.copyOf(keyLength, 2 * names);
    keyTail = Arrays.copyOf(keyTail, 2 * names);
    keyMark = Arrays.copyOf(keyMark, 2 * names);
    position = Arrays.copyOf(position, 2 * names);
    source = Arrays.copyOf(source, 2 * names);
    newKind = Arrays.copyOf(newKind, 2 * names);
    newA = Arrays.copyOf(newA, 2 * names);
    newB = Arrays.copyOf(newB, 2 * names);
  }
}
