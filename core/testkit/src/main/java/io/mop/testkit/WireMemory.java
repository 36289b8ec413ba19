package io.mop.testkit;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.otlp.Structure;
import java.nio.ByteBuffer;

/** Requests as the engine holds them: outside of the heap, checked at the door. */
final class WireMemory {
  private WireMemory() {}

  static ByteBuffer memory(byte[] request) {
    return ByteBuffer.allocateDirect(request.length).put(request).flip();
  }

  /** Number of items. */
  static int check(Signal signal, ByteBuffer wire) {
    try {
      return Structure.check(signal, wire.duplicate());
    } catch (Malformed e) {
      throw new AssertionError("not an OTLP request of " + signal + ": " + e.getMessage(), e);
    }
  }
}
