package io.mop.plugins.redaction;

import io.mop.plugins.redaction.Redaction.HashFunction;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Builds a text anew in which ranges are masked, in memory that is kept. */
final class Replacement {
  private static final byte[] MASK = "****".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGEST = 32;

  private final HashFunction function;
  private final MessageDigest sha256;
  private final Mac hmac;
  private final byte[] digest = new byte[DIGEST];
  private byte[] out = new byte[256];
  private int size;

  Replacement(Redaction.Config config) {
    function = config.hashFunction();
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
      hmac = Mac.getInstance("HmacSHA256");
      if (config.hmacKey().isPresent()) {
        byte[] key = config.hmacKey().get().reveal().getBytes(StandardCharsets.UTF_8);
        hmac.init(new SecretKeySpec(key, "HmacSHA256"));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no SHA-256 or HMAC-SHA-256", e);
    }
  }

  /** True if the range was masked before. */
  static boolean isMask(byte[] text, int from, int to) {
    return Arrays.equals(text, from, to, MASK, 0, MASK.length);
  }

  byte[] bytes() {
    return out;
  }

  int size() {
    return size;
  }

  /** The text with its ranges masked. */
  void of(byte[] text, int length, Ranges ranges) {
    size = 0;
    int at = 0;
    for (int i = 0; i < ranges.size(); i++) {
      copy(text, at, ranges.from(i));
      mask(text, ranges.from(i), ranges.to(i));
      at = ranges.to(i);
    }
    copy(text, at, length);
  }

  /** What takes the place of the whole text. */
  void of(byte[] text, int length) {
    size = 0;
    mask(text, 0, length);
  }

  /** What takes the place of an array, a map or bytes. */
  void ofOther() {
    size = 0;
    copy(MASK, 0, MASK.length);
  }

  private void mask(byte[] text, int from, int to) {
    if (function == HashFunction.NONE) {
      copy(MASK, 0, MASK.length);
      return;
    }
    try {
      if (function == HashFunction.SHA256) {
        sha256.update(text, from, to - from);
        sha256.digest(digest, 0, DIGEST);
      } else {
        hmac.update(text, from, to - from);
        hmac.doFinal(digest, 0);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    room(2 * DIGEST);
    for (byte b : digest) {
      out[size++] = HEX[b >> 4 & 15];
      out[size++] = HEX[b & 15];
    }
  }

  private void copy(byte[] from, int start, int end) {
    room(end - start);
    System.arraycopy(from, start, out, size, end - start);
    size += end - start;
  }

  private void room(int n) {
    if (n > out.length - size) out = Arrays.copyOf(out, Math.max(2 * out.length, size + n));
  }
}
