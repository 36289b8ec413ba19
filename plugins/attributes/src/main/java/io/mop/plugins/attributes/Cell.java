package io.mop.plugins.attributes;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Value;
import java.util.Arrays;

/** What an attribute holds by now: nothing, the arriving value of some field, or a value that an action made. */
final class Cell {
  static final int ABSENT = -1;
  static final int MADE = -2;

  final Field field;
  /** The cell in whose field the value arrived, ABSENT or MADE. */
  int source;
  /** How many times it was hashed since. */
  int hashed;

  /** Of a made value. */
  Value.Type type = Value.Type.EMPTY;
  long integer;
  double real;
  boolean bool;
  byte[] text = {};
  int length;

  Cell(Field field) {
    this.field = field;
  }

  void arrive(int source) {
    this.source = source;
    hashed = 0;
  }

  boolean present() {
    return source != ABSENT;
  }

  void make(byte[] utf8, int from, int to) {
    arrive(MADE);
    type = Value.Type.TEXT;
    length = to - from;
    if (length > text.length) text = new byte[length + length / 2];
    System.arraycopy(utf8, from, text, 0, length);
  }

  void make(long value) {
    arrive(MADE);
    type = Value.Type.INT;
    integer = value;
  }

  void make(double value) {
    arrive(MADE);
    type = Value.Type.DOUBLE;
    real = value;
  }

  void make(boolean value) {
    arrive(MADE);
    type = Value.Type.BOOL;
    bool = value;
  }

  /** Takes over what another cell holds. */
  void copy(Cell other) {
    source = other.source;
    hashed = other.hashed;
    type = other.type;
    integer = other.integer;
    real = other.real;
    bool = other.bool;
    length = other.length;
    if (source != MADE || type != Value.Type.TEXT) return;
    if (text.length < length) text = Arrays.copyOf(other.text, other.text.length);
    else System.arraycopy(other.text, 0, text, 0, length);
  }

  /** Sets a field to the made value. */
  void put(Field target, Edits edits) {
    switch (type) {
      case TEXT -> edits.set(target, text, 0, length);
      case INT -> edits.set(target, integer);
      case DOUBLE -> edits.set(target, real);
      case BOOL -> edits.set(target, bool);
      default -> throw new IllegalStateException("no made value is " + type);
    }
  }
}
