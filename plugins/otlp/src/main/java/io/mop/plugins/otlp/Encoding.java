package io.mop.plugins.otlp;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** Content codings of requests. */
enum Encoding {
  GZIP("gzip") {
    @Override
    InputStream open(InputStream in) throws IOException {
      return new GZIPInputStream(in, CHUNK);
    }
  },
  ZSTD("zstd") {
    /** Most window a frame may ask for: what RFC 9659 says a decoder of the zstd content coding must support. */
    private static final int WINDOW_LOG = 23;

    @Override
    InputStream open(InputStream in) throws IOException {
      return new ZstdInputStreamNoFinalizer(in, RecyclingBufferPool.INSTANCE).setLongMax(WINDOW_LOG);
    }
  };

  private static final int CHUNK = 16 << 10;
  /** Telemetry compresses to about a sixth; a first guess above that seldom needs to grow. */
  private static final int USUAL_RATIO = 8;
  private static final List<Encoding> USABLE = findUsable();
  private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[CHUNK]);

  /** As in {@code Content-Encoding} and {@code grpc-encoding}. */
  final String token;

  Encoding(String token) {
    this.token = token;
  }

  /** Those whose libraries work here: zstd needs its native code. */
  static List<Encoding> usable() {
    return USABLE;
  }

  /** Value of {@code Accept-Encoding}. */
  static String accepted() {
    return USABLE.stream().map(e -> e.token).collect(Collectors.joining(", "));
  }

  /** As in {@code Content-Encoding}; empty = not one of {@link #usable}. */
  static Optional<Encoding> of(String token) {
    return USABLE.stream().filter(e -> e.token.equalsIgnoreCase(token)).findFirst();
  }

  private static List<Encoding> findUsable() {
    try {
      Zstd.compressBound(1);
      return List.of(GZIP, ZSTD);
    } catch (LinkageError e) {
      return List.of(GZIP);
    }
  }

  abstract InputStream open(InputStream in) throws IOException;

  /**
   * Inflates all of {@code in} into new memory of at most {@code gate.maxInflated} bytes.
   *
   * @param wireBytes length of {@code in}
   * @return the memory, to be submitted or cancelled
   * @throws IOException the data is not of this encoding or ends early
   */
  Growing inflate(Gate gate, Signal signal, InputStream in, int wireBytes)
      throws IOException, Refused, Growing.TooLarge {
    byte[] chunk = SCRATCH.get();
    int guess = (int) Math.min(gate.maxInflated, Math.max(CHUNK, (long) wireBytes * USUAL_RATIO));
    Growing out = new Growing(gate.intake, signal, guess, gate.maxInflated);
    boolean done = false;
    try (InputStream source = open(in)) {
      for (int n; (n = source.read(chunk, 0, chunk.length)) >= 0;) {
        if (n > 0) out.room(n).put(chunk, 0, n);
      }
      gate.inflatedBytes.add(out.size());
      done = true;
      return out;
    } finally {
      if (!done) out.cancel();
    }
  }
}
