package io.mop.plugins.otlp;

import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import java.io.IOException;
import java.io.InputStream;

/**
 * Lets a compressed message through as it is, behind one byte that says which {@link Encoding} it has. gRPC applies its
 * message limit to inflated sizes as well; passing the compressed bytes on lets {@link RequestMarshaller} inflate under
 * a limit of its own, with reserved memory that grows.
 */
final class TaggedCodec implements Decompressor {
  private final Encoding encoding;

  private TaggedCodec(Encoding encoding) {
    this.encoding = encoding;
  }

  /** All encodings, advertised to clients. */
  static DecompressorRegistry registry() {
    DecompressorRegistry registry = DecompressorRegistry.emptyInstance();
    for (Encoding e : Encoding.usable()) registry = registry.with(new TaggedCodec(e), true);
    return registry;
  }

  @Override
  public String getMessageEncoding() {
    return encoding.token;
  }

  @Override
  public InputStream decompress(InputStream compressed) {
    return new Tagged(encoding.ordinal(), compressed);
  }

  private static final class Tagged extends InputStream {
    private final InputStream in;
    private int tag;

    Tagged(int tag, InputStream in) {
      this.tag = tag;
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      if (tag < 0) return in.read();
      int first = tag;
      tag = -1;
      return first;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (tag < 0 || length == 0) return in.read(target, offset, length);
      target[offset] = (byte) read();
      return 1;
    }

    /** Compressed bytes left, without the tag. */
    @Override
    public int available() throws IOException {
      return in.available();
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
