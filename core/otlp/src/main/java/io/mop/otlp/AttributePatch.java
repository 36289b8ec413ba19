package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import java.nio.ByteBuffer;
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
  private SpanIndex index;
  private Pieces pieces;
  private int attributeTag;

  private int names;
  /** Lengths of the names, as bits modulo 64. */
  private long lengths;
  /** The key's bytes; null = they lie in the pool. */
  private byte[][] key = new byte[8][];
  private int[] keyAt = new int[8];
  private int[] keyLength = new int[8];
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
  void apply(SpanIndex index, int owner, int attributeTag, Pieces pieces) {
    this.index = index;
    this.pieces = pieces;
    this.attributeTag = attributeTag;
    names = 0;
    lengths = 0;
    appended = 0;
    places.clear();
    for (int e = list.first(owner); e >= 0; e = list.next(e)) {
      field(e);
      if (list.kind(e) == EditList.RENAME) newKey(e);
    }
    for (int i = 0; i < pieces.size; i++) find(pieces.body[i], pieces.end[i]);
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
    if (from != ABSENT) writeKept(out, from, newKey ? 0x0A : 0, newValue ? 0x12 : 0);
    if (newKey) {
      int keyEnd = out.at();
      out.bytes(keyBytes(name), keyAt[name], keyLength[name]);
      out.header(0x0A, keyEnd);
    }
    out.header(attributeTag, end);
  }

  private void writeValue(BackwardWriter out, int name) {
    int end = out.at();
    long bits = (long) newA[name] << 32 | newB[name] & 0xFFFFFFFFL;
    switch (newKind[name]) {
      case EditList.TEXT -> {
        out.bytes(list.pool.array(), newA[name], newB[name]);
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

  /** What the KeyValue at the place has beside the two fields; unknown fields too. */
  private void writeKept(BackwardWriter out, int place, int without, int orWithout) {
    ByteBuffer b = index.wire;
    kept.clear();
    for (int at = places.body[place], end = places.end[place]; at < end; ) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      at = Wire.skip(b, value(read), next(read));
      if (value(read) != without && value(read) != orWithout) kept.add(tagAt, tagAt, at);
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

  private void find(int at, int end) {
    ByteBuffer b = index.wire;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      at = next(read);
      if (value(read) != attributeTag) {
        at = Wire.skip(b, value(read), at);
        continue;
      }
      read = Wire.u32(b, at);
      at = next(read) + value(read);
      long keyRead = KeyValue.key(b, next(read), at);
      int length = value(keyRead);
      if ((lengths >>> length & 1) == 0) continue;
      int name = 0;
      while (name < names && !(keyLength[name] == length
          && Wire.same(b, next(keyRead), keyBytes(name), keyAt[name], length))) {
        name++;
      }
      if (name < names) place(tagAt, next(read), at, name);
    }
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
    byte[] bytes = index.schema.key(list.field(edit));
    return name(bytes, 0, bytes.length);
  }

  private int newKey(int edit) {
    return name(null, list.textAt(edit), list.textLength(edit));
  }

  private byte[] keyBytes(int name) {
    return key[name] == null ? list.pool.array() : key[name];
  }

  private int name(byte[] bytes, int at, int length) {
    byte[] given = bytes == null ? list.pool.array() : bytes;
    for (int n = 0; n < names; n++) {
      if (keyLength[n] == length
          && Arrays.equals(keyBytes(n), keyAt[n], keyAt[n] + length, given, at, at + length)) {
        return n;
      }
    }
    int n = names++;
    if (n == keyAt.length) growNames();
    key[n] = bytes;
    keyAt[n] = at;
    keyLength[n] = length;
    position[n] = ABSENT;
    source[n] = ABSENT;
    newKind[n] = ABSENT;
    lengths |= 1L << length;
    return n;
  }

  private void growNames() {
    key = Arrays.copyOf(key, 2 * names);
    keyAt = Arrays.copyOf(keyAt, 2 * names);
    keyLength = Arrays.copyOf(keyLength, 2 * names);
    position = Arrays.copyOf(position, 2 * names);
    source = Arrays.copyOf(source, 2 * names);
    newKind = Arrays.copyOf(newKind, 2 * names);
    newA = Arrays.copyOf(newA, 2 * names);
    newB = Arrays.copyOf(newB, 2 * names);
  }
}
