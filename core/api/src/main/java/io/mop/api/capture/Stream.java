package io.mop.api.capture;

import io.mop.api.data.Text;
import org.osgi.annotation.versioning.ProviderType;

/** Unread bytes of one direction of a connection; positions are relative to the first unread byte. */
@ProviderType
public interface Stream {
  /** Bytes known to exist, cut ones included. */
  int length();

  /**
   * @throws Gap if the byte was cut: it exists, but its value was not captured
   * @throws IndexOutOfBoundsException outside {@code 0..length()-1}
   */
  byte at(int i) throws Gap;

  /**
   * Position of the first {@code b} in {@code from} (inclusive) to {@code limit} (exclusive, cut to {@link #length}), -1
   * if there is none.
   *
   * @throws Gap if a cut byte comes first
   */
  int find(byte b, int from, int limit) throws Gap;

  /**
   * A copy of bytes {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @throws Gap if one of them was cut
   */
  Text text(int from, int to) throws Gap;

  /**
   * Consumes {@code n} bytes, cut or not.
   *
   * @throws IndexOutOfBoundsException beyond {@link #length}
   */
  void skip(int n);

  /** When the system call that carried byte {@code i} happened, in monotonic nanoseconds; cut bytes too. */
  long time(int i);

  /** A byte was asked for that exists but was not captured. */
  final class Gap extends Exception {
    private static final long serialVersionUID = 1;

    /** The one instance; it has no stack trace. */
    public static final Gap GAP = new Gap();

    private Gap() {
      super("cut byte", null, false, false);
    }
  }
}
