package io.mop.otlp;

import java.util.Arrays;
import java.util.Random;

/** Damages bytes a little. */
final class Mutation {
  private Mutation() {}

  static byte[] of(byte[] bytes, Random random) {
    byte[] b = bytes.clone();
    for (int i = 1 + random.nextInt(3); i > 0; i--) b = once(b, random);
    return b;
  }

  private static byte[] once(byte[] b, Random random) {
    if (b.length == 0) return new byte[] {(byte) random.nextInt(256)};
    int at = random.nextInt(b.length);
    switch (random.nextInt(6)) {
      case 0:
        b[at] ^= (byte) (1 << random.nextInt(8));
        return b;
      case 1:
        b[at] = (byte) random.nextInt(256);
        return b;
      case 2:
        return Arrays.copyOf(b, at);
      case 3: {
        byte[] more = Arrays.copyOf(b, b.length + 1);
        System.arraycopy(b, at, more, at + 1, b.length - at);
        more[at] = (byte) random.nextInt(256);
        return more;
      }
      case 4: {
        byte[] less = Arrays.copyOf(b, b.length - 1);
        System.arraycopy(b, at + 1, less, at, b.length - at - 1);
        return less;
      }
      default:
        b[at] = new byte[] {0, 1, 2, 0x7F, (byte) 0x80, (byte) 0xFF}[random.nextInt(6)];
        return b;
    }
  }
}
