package io.mop.plugins.otlp;

import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads a message straight into reserved memory. Runs on the event loop; what goes wrong is an {@link Answer} in the
 * result, since an exception thrown here would reach the client without a reason.
 */
final class RequestMarshaller implements MethodDescriptor.Marshaller<RequestMarshaller.Received> {
  private static final int CHUNK = 16 << 10;
  private static final ThreadLocal<byte[]> SCRATCH = ThreadLocal.withInitial(() -> new byte[CHUNK]);

  private final Gate gate;
  private final Signal signal;
  private final int messageLimit;

  RequestMarshaller(Gate gate, Signal signal, int messageLimit) {
    this.gate = gate;
    this.signal = signal;
    this.messageLimit = messageLimit;
  }

  /** A message in its memory, or the answer if there is none; both absent = an empty request. */
  record Received(Growing message, Answer answer) {
    static final Received EMPTY = new Received(null, Answer.ACCEPTED);
  }

  @Override
  public Received parse(InputStream in) {
    try {
      return in instanceof KnownLength ? plain(in) : compressed(in);
    } catch (Refused e) {
      return answer(Answer.refused(e.getMessage(), e.retryAfter()));
    } catch (Growing.TooLarge e) {
      return answer(gate.inflateLimit());
    } catch (IOException e) {
      return answer(Answer.malformed("the compressed message cannot be read: " + e.getMessage()));
    } catch (RuntimeException e) {
      return answer(gate.undecodable(e));
    }
  }

  private Received plain(InputStream in) throws IOException, Refused, Growing.TooLarge {
    int length = in.available();
    if (length == 0) return Received.EMPTY;
    if (length > messageLimit) return oversize(length);
    Growing message = new Growing(gate.intake, signal, length, length);
    boolean done = false;
    try {
      copy(in, message.room(length));
      done = true;
      return new Received(message, null);
    } finally {
      if (!done) message.cancel();
    }
  }

  private static void copy(InputStream in, ByteBuffer target) throws IOException {
    if (in instanceof HasByteBuffer buffers && buffers.byteBufferSupported()) {
      for (ByteBuffer piece; in.available() > 0 && (piece = buffers.getByteBuffer()) != null;) {
        int n = piece.remaining();
        target.put(piece);
        in.skipNBytes(n);
      }
      return;
    }
    byte[] chunk = SCRATCH.get();
    for (int n; (n = in.read(chunk, 0, chunk.length)) >= 0;) target.put(chunk, 0, n);
  }

  private Received compressed(InputStream in) throws IOException, Refused, Growing.TooLarge {
    int tag = in.read();
    int length = in.available();
    if (tag < 0 || length == 0) return Received.EMPTY;
    if (length > messageLimit) return oversize(length);
    Growing message = Encoding.values()[tag].inflate(gate, signal, in, length);
    if (message.size() > 0) return new Received(message, null);
    message.cancel();
    return Received.EMPTY;
  }

  private Received oversize(int length) {
    return answer(new Answer(Answer.Outcome.OVERSIZE,
        "the message has " + length + " bytes; max_recv_msg_size is " + messageLimit));
  }

  private static Received answer(Answer answer) {
    return new Received(null, answer);
  }

  @Override
  public InputStream stream(Received value) {
    throw new UnsupportedOperationException("requests are only read");
  }
}
