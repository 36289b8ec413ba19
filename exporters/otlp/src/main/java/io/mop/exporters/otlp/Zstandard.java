package io.mop.exporters.otlp;

import com.github.luben.zstd.EndDirective;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** zstd, RFC 8878, at level 1; the window stays far below the 8 MiB that RFC 9659 lets a peer refuse. */
final class Zstandard implements Encoder {
  private static final int LEVEL = 1;
  private static final int PIECE = 64 << 10;

  /** A compressor and the memory it writes to, kept together from batch to batch. */
  private record Kept(ZstdCompressCtx compressor, ByteBuffer piece) {}

  private final Queue<Kept> free = new ConcurrentLinkedQueue<>();
  private boolean closed;

  /** @throws LinkageError the native library does not load */
  Zstandard() {
    free.add(create());
  }

  private static Kept create() {
    return new Kept(new ZstdCompressCtx().setLevel(LEVEL), ByteBuffer.allocateDirect(PIECE));
  }

  @Override
  public String token() {
    return "zstd";
  }

  @Override
  public byte[] encode(ByteBuffer in) {
    // The native side reads direct memory only.
    ByteBuffer from = in.isDirect() ? in : ByteBuffer.allocateDirect(in.remaining()).put(in).flip();
    Kept kept = free.poll();
    if (kept == null) kept = create();
    try {
      // Lets the peer reserve what it needs.
      kept.compressor.setPledgedSrcSize(from.remaining());
      byte[] out = new byte[Math.max(512, from.remaining() / 4)];
      int at = 0;
      for (boolean done = false; !done; ) {
        ByteBuffer piece = kept.piece.clear();
        done = kept.compressor.compressDirectByteBufferStream(piece, from, EndDirective.END);
        int n = piece.flip().remaining();
        if (n > out.length - at) out = Arrays.copyOf(out, Math.max(at + n, out.length + out.length / 2));
        piece.get(out, at, n);
        at += n;
      }
      return at == out.length ? out : Arrays.copyOf(out, at);
    } finally {
      keep(kept);
    }
  }

  private synchronized void keep(Kept kept) {
    if (closed) {
      kept.compressor.close();
    } else {
      kept.compressor.reset();
      kept.compressor.setLevel(LEVEL);
      free.add(kept);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Kept k = free.poll(); k != null; k = free.poll()) k.compressor.close();
  }
}
