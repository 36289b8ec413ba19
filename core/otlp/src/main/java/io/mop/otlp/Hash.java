package io.mop.otlp;

import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Lower-case hex SHA-256 of what a value shows. */
final class Hash {
  /** In bytes. */
  static final int LENGTH = 64;

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final MessageDigest sha256;
  private final byte[] digits = new byte[20];
  private final byte[] digest = new byte[LENGTH / 2];

  Hash() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no SHA-256", e);
    }
  }

  void of(byte[] bytes, int at, int length) {
    sha256.update(bytes, at, length);
  }

  /** Its decimal digits. */
  void of(long v) {
    int at = digits.length;
    long rest = v;
    do {
      digits[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (v < 0) digits[--at] = '-';
    sha256.update(digits, at, digits.length - at);
  }

  void of(String s) {
    sha256.update(s.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the hash of what was fed since the last call. */
  void hex(byte[] target, int at) {
    try {
      sha256.digest(digest, 0, digest.length);
    } catch (DigestException e) {
      throw new IllegalStateException(e);
    }
    for (int i = 0; i < digest.length; i++) {
      target[at + 2 * i] = HEX[digest[i] >> 4 & 15];
      target[at + 2 * i + 1] = HEX[digest[i] & 15];
    }
  }
}
