package io.mop.otlp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** Puts bytes between others, in buffers of all kinds: what reads or writes beyond them is found out. */
final class Placed {
  private Placed() {}

  static ByteBuffer between(byte[] bytes, Random random) {
    int before = random.nextInt(40);
    int after = random.nextInt(40);
    int n = before + bytes.length + after;
    ByteBuffer all = random.nextBoolean() ? ByteBuffer.allocate(n) : ByteBuffer.allocateDirect(n);
    for (int i = 0; i < n; i++) all.put(i, (byte) random.nextInt(256));
    all.put(before, bytes);
    ByteBuffer placed = random.nextBoolean() ? all.limit(before + bytes.length).position(before)
        : all.slice(before, bytes.length);
    placed = random.nextBoolean() ? placed.asReadOnlyBuffer() : placed;
    return placed.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
  }
}
