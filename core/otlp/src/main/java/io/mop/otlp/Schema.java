package io.mop.otlp;

import io.mop.api.data.Field;
import io.mop.otlp.AttributeField.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The attributes one scan looks for: the union of what the parts of a pipeline declared. Immutable. A column is a
 * field's number within its level, an index its number in the schema.
 */
public final class Schema {
  /** No attributes. */
  public static final Schema EMPTY = of(List.of());

  private final AttributeField[] fields;
  private final byte[][] keys;
  private final long[] tails;
  private final int[] indexOfSlot;
  private final int[] columnOfIndex;
  final KeyTable items;
  final KeyTable scopes;
  final KeyTable resources;

  private Schema(AttributeField[] fields) {
    this.fields = fields;
    keys = new byte[fields.length][];
    tails = new long[fields.length];
    columnOfIndex = new int[fields.length];
    indexOfSlot = new int[Arrays.stream(fields).mapToInt(AttributeField::slot).max().orElse(-1) + 1];
    Arrays.fill(indexOfSlot, -1);
    for (int i = 0; i < fields.length; i++) {
      keys[i] = fields[i].key().getBytes(StandardCharsets.UTF_8);
      tails[i] = Wire.tail(Arrays.copyOf(keys[i], keys[i].length + Wire.PAD), 0, keys[i].length);
      int slot = fields[i].slot();
      if (indexOfSlot[slot] >= 0) {
        throw new IllegalArgumentException(
            fields[i] + " and " + fields[indexOfSlot[slot]] + ": expected the fields of one FieldTable");
      }
      indexOfSlot[slot] = i;
    }
    items = table(Level.ITEM);
    scopes = table(Level.SCOPE);
    resources = table(Level.RESOURCE);
  }

  /** A schema of these fields, all of one {@link FieldTable}; a field given twice counts once. */
  public static Schema of(Collection<AttributeField> fields) {
    return new Schema(new LinkedHashSet<>(fields).toArray(AttributeField[]::new));
  }

  /** Number of fields. */
  public int size() {
    return fields.length;
  }

  /** True if this schema has every field of {@code others}. */
  public boolean covers(Collection<AttributeField> others) {
    return others.stream().allMatch(f -> indexOrAbsent(f) >= 0);
  }

  /** The fields, in the order of their index. */
  public List<AttributeField> fields() {
    return List.of(fields);
  }

  /** The field's index, {@code 0..size()-1}. */
  int index(Field field) {
    int index = field instanceof AttributeField f ? indexOrAbsent(f) : -1;
    if (index < 0) throw new IllegalArgumentException("attribute '" + field.key() + "' was not declared");
    return index;
  }

  AttributeField field(int index) {
    return fields[index];
  }

  byte[] key(int index) {
    return keys[index];
  }

  /** {@link Wire#tail} of the key. */
  long tail(int index) {
    return tails[index];
  }

  int column(int index) {
    return columnOfIndex[index];
  }

  private int indexOrAbsent(AttributeField f) {
    int index = f.slot() < indexOfSlot.length ? indexOfSlot[f.slot()] : -1;
    return index >= 0 && (fields[index] == f || fields[index].equals(f)) ? index : -1;
  }

  private KeyTable table(Level level) {
    List<byte[]> own = new ArrayList<>();
    long[] tailsOfOwn = new long[fields.length];
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].level() != level) continue;
      columnOfIndex[i] = own.size();
      tailsOfOwn[own.size()] = tails[i];
      own.add(keys[i]);
    }
    return new KeyTable(own.toArray(byte[][]::new), tailsOfOwn);
  }
}
