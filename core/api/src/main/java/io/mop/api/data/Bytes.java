package io.mop.api.data;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** A text of its own memory. */
record Bytes(byte[] utf8) implements Text {
  @Override
  public int length() {
    return utf8.length;
  }

  @Override
  public byte at(int i) {
    return utf8[i];
  }

  @Override
  public void copy(int from, int to, byte[] target, int at) {
    Objects.checkFromToIndex(from, to, utf8.length);
    System.arraycopy(utf8, from, target, at, to - from);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Bytes b && Arrays.equals(b.utf8, utf8);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(utf8);
  }

  @Override
  public String toString() {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
