package io.mop.exporters.otlp;

import io.mop.api.plugin.InvalidConfig;
import io.mop.exporters.otlp.Otlp.Compression;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Compresses bodies; any number of threads at once. Holds native memory until it is closed. */
interface Encoder extends AutoCloseable {
  /** As in {@code Content-Encoding} and {@code grpc-encoding}. */
  String token();

  /** Compresses {@code in} from position to limit. */
  byte[] encode(ByteBuffer in);

  @Override
  void close();

  /** Empty for {@link Compression#NONE}. */
  static Optional<Encoder> of(Compression compression) {
    return switch (compression) {
      case NONE -> Optional.empty();
      case GZIP -> Optional.of(new Gzip());
      case ZSTD -> {
        try {
          yield Optional.of(new Zstandard());
        } catch (LinkageError e) {
          throw new InvalidConfig("compression", "gzip or none: zstd's native library does not load here");
        }
      }
    };
  }
}
