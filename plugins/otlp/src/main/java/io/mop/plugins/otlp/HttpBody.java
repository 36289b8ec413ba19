package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The body of one HTTP request: collected in reserved memory, then decoded and handed over. Also the bytes of
 * compressed and JSON bodies lie in reserved memory, so that slow senders cannot use more than the engine gives.
 */
final class HttpBody {
  /** Reserved at once for a body of known length; more when it has arrived, so that a header alone costs little. */
  private static final int FIRST = 256 << 10;
  private static final int FIRST_UNKNOWN = 16 << 10;

  private final Gate gate;
  private final Signal signal;
  private final boolean json;
  private final Optional<Encoding> encoding;
  private final int first;
  private final int limit;
  private Growing bytes;

  /**
   * @param length as announced, negative = not
   * @param limit most bytes
   */
  HttpBody(Gate gate, Signal signal, boolean json, Optional<Encoding> encoding, long length, int limit) {
    this.gate = gate;
    this.signal = signal;
    this.json = json;
    this.encoding = encoding;
    this.limit = limit;
    first = length < 0 ? FIRST_UNKNOWN : (int) Math.min(length, FIRST);
  }

  void add(ByteBuf piece) throws Refused, Growing.TooLarge {
    int n = piece.readableBytes();
    if (n == 0) return;
    if (bytes == null) bytes = new Growing(gate.intake, signal, Math.max(first, Math.min(n, limit)), limit);
    ByteBuffer room = bytes.room(n);
    int end = room.limit();
    piece.readBytes(room.limit(room.position() + n));
    room.limit(end);
    gate.wireBytes.add(n);
  }

  /** Nothing came of the body. */
  void cancel() {
    if (bytes != null) bytes.cancel();
    bytes = null;
  }

  /** The body is complete; {@code done} is called once, now or later, on any thread. */
  void submit(Consumer<Answer> done) {
    Growing message = null;
    Answer answer = Answer.ACCEPTED;
    try {
      message = message();
    } catch (Refused e) {
      answer = Answer.refused(e.getMessage(), e.retryAfter());
    } catch (Growing.TooLarge e) {
      answer = gate.inflateLimit();
    } catch (Malformed e) {
      answer = Answer.malformed(e.getMessage());
    } catch (IOException e) {
      answer = Answer.malformed("the compressed body cannot be read: " + e.getMessage());
    } catch (RuntimeException e) {
      answer = gate.undecodable(e);
    } finally {
      cancel();
    }
    if (message != null && message.size() > 0) {
      gate.submit(signal, message.landing(), done);
      return;
    }
    if (message != null) message.cancel();
    done.accept(answer);
  }

  /** The protobuf message; null = an empty body, which is an empty protobuf request. */
  private Growing message() throws IOException, Refused, Growing.TooLarge, Malformed {
    if (bytes == null && json) throw new Malformed("the body is empty, expected a JSON object");
    if (bytes == null) return null;
    if (encoding.isPresent()) {
      Growing inflated = encoding.get().inflate(gate, signal, new ByteBufferStream(bytes.filled()), bytes.size());
      bytes.cancel();
      bytes = inflated;
    }
    if (json) return JsonTranscoder.transcode(gate, signal, bytes.filled());
    Growing message = bytes;
    bytes = null;
    return message;
  }
}
