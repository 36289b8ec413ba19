package io.mop.exporters.otlp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * gzip, RFC 1952, at level 1: telemetry shrinks to 22 % instead of level 6's 20 % for under half of the time. Deflaters
 * hold 256 KiB of native memory each, so they are kept and ended with the exporter.
 */
final class Gzip implements Encoder {
  private static final int HEADER = 10;
  private static final int TRAILER = 8;

  private final Queue<Deflater> free = new ConcurrentLinkedQueue<>();
  private boolean closed;

  @Override
  public String token() {
    return "gzip";
  }

  @Override
  public byte[] encode(ByteBuffer in) {
    CRC32 crc = new CRC32();
    crc.update(in.duplicate());
    int length = in.remaining();
    Deflater deflater = free.poll();
    if (deflater == null) deflater = new Deflater(Deflater.BEST_SPEED, true);
    try {
      deflater.setInput(in);
      deflater.finish();
      byte[] out = new byte[Math.max(512, length / 3) + HEADER + TRAILER];
      out[0] = 0x1f;
      out[1] = (byte) 0x8b;
      out[2] = 8; // deflate
      out[8] = 4; // fastest
      out[9] = (byte) 0xff; // no operating system
      int at = HEADER;
      while (true) {
        at += deflater.deflate(out, at, out.length - at - TRAILER);
        if (deflater.finished()) break;
        out = Arrays.copyOf(out, out.length + out.length / 2);
      }
      for (int i = 0; i < 4; i++) {
        out[at + i] = (byte) (crc.getValue() >>> 8 * i);
        out[at + 4 + i] = (byte) (length >>> 8 * i);
      }
      return Arrays.copyOf(out, at + TRAILER);
    } finally {
      keep(deflater);
    }
  }

  private synchronized void keep(Deflater deflater) {
    if (closed) {
      deflater.end();
    } else {
      deflater.reset();
      free.add(deflater);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Deflater d = free.poll(); d != null; d = free.poll()) d.end();
  }
}
