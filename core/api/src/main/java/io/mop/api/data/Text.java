package io.mop.api.data;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.osgi.annotation.versioning.ProviderType;

/** UTF-8 bytes, read only. One from a cursor is valid until the cursor moves; {@code toString()} copies. */
@ProviderType
public interface Text {
  /** In bytes. */
  int length();

  /** @throws IndexOutOfBoundsException outside {@code 0..length()-1} */
  byte at(int i);

  /**
   * Copies bytes {@code from} (inclusive) to {@code to} (exclusive) into {@code target} at {@code at}.
   *
   * @throws IndexOutOfBoundsException if either range is out of bounds
   */
  default void copy(int from, int to, byte[] target, int at) {
    Objects.checkFromToIndex(from, to, length());
    Objects.checkFromIndexSize(at, to - from, target.length);
    for (int i = from; i < to; i++) target[at + i - from] = at(i);
  }

  /** True if the bytes are the same. */
  default boolean is(Text other) {
    int n = length();
    if (n != other.length()) return false;
    for (int i = 0; i < n; i++) if (at(i) != other.at(i)) return false;
    return true;
  }

  /** A text that stays valid. */
  static Text of(String s) {
    return of(s.getBytes(StandardCharsets.UTF_8));
  }

  /** A text over {@code utf8}, which must not change any more. */
  static Text of(byte[] utf8) {
    return new Bytes(utf8);
  }
}
