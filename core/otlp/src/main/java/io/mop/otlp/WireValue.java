package io.mop.otlp;

import io.mop.api.data.Text;
import io.mop.api.data.Value;

/** A value in the wire bytes, valid until its cursor moves; read when first asked. */
final class WireValue implements Value {
  /** Instead of a tag: what is shown is the AnyValue itself. */
  static final int BARE = 0;

  private final ItemCursor cursor;
  private final int tag;
  private final KeyValue content = new KeyValue();
  private final WireText text;
  private long stamp;
  private int from;
  private int end;
  private boolean read;

  /** A value that is field {@code tag} of a message. */
  WireValue(ItemCursor cursor, int tag) {
    this.cursor = cursor;
    this.tag = tag;
    text = new WireText(cursor);
  }

  /** The value in the fields of the message from {@code from} to {@code end}; from -1 = absent. */
  WireValue at(long stamp, int from, int end) {
    this.stamp = stamp;
    this.from = from;
    this.end = end;
    read = false;
    return this;
  }

  @Override
  public Type type() {
    cursor.check(stamp);
    if (from < 0) return Type.ABSENT;
    return content().type;
  }

  /** What is there; not to be asked of an absent value. */
  KeyValue content() {
    if (!read) {
      if (tag == BARE) content.readAny(cursor.wire(), from, end);
      else content.read(cursor.wire(), from, end, tag);
      read = true;
    }
    return content;
  }

  @Override
  public boolean present() {
    cursor.check(stamp);
    return from >= 0;
  }

  @Override
  public Text text() {
    expect(Type.TEXT);
    return text.at(stamp, content.at, content.length);
  }

  @Override
  public long integer() {
    expect(Type.INT);
    return content.bits;
  }

  @Override
  public double real() {
    expect(Type.DOUBLE);
    return Double.longBitsToDouble(content.bits);
  }

  @Override
  public boolean bool() {
    expect(Type.BOOL);
    return content.bits != 0;
  }

  private void expect(Type expected) {
    Type type = type();
    if (type != expected) throw new IllegalStateException("value is " + type + "; expected " + expected);
  }

  @Override
  public String toString() {
    Type type = type();
    return switch (type) {
      case TEXT -> text().toString();
      case INT -> Long.toString(integer());
      case DOUBLE -> Double.toString(real());
      case BOOL -> Boolean.toString(bool());
      default -> type.toString();
    };
  }
}
