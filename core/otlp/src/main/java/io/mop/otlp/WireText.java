package io.mop.otlp;

import io.mop.api.data.Text;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Text in the wire bytes, valid until its cursor moves. */
final class WireText implements Text {
  private final ItemCursor cursor;
  private long stamp;
  private int from;
  private int length;

  WireText(ItemCursor cursor) {
    this.cursor = cursor;
  }

  WireText at(long stamp, int from, int length) {
    this.stamp = stamp;
    this.from = from;
    this.length = length;
    return this;
  }

  @Override
  public int length() {
    cursor.check(stamp);
    return length;
  }

  @Override
  public byte at(int i) {
    cursor.check(stamp);
    return cursor.wire()[from + Objects.checkIndex(i, length)];
  }

  @Override
  public void copy(int start, int end, byte[] target, int at) {
    cursor.check(stamp);
    Objects.checkFromToIndex(start, end, length);
    System.arraycopy(cursor.wire(), from + start, target, at, end - start);
  }

  @Override
  public String toString() {
    byte[] copy = new byte[length()];
    copy(0, copy.length, copy, 0);
    return new String(copy, StandardCharsets.UTF_8);
  }
}
