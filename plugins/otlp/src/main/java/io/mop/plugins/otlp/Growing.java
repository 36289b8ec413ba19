package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Refused;
import java.nio.ByteBuffer;

/** Reserved memory that is filled from the front and grows by doubling, up to a cap: reserve anew, copy, cancel. */
final class Growing {
  private final Intake intake;
  private final Signal signal;
  private final int cap;
  private Landing landing;
  private ByteBuffer buffer;
  private int reserved;

  /**
   * @param first bytes to begin with, as far as the cap allows
   * @param cap most bytes ever
   */
  Growing(Intake intake, Signal signal, int first, int cap) throws Refused {
    this.intake = intake;
    this.signal = signal;
    this.cap = cap;
    reserved = Math.max(1, Math.min(first, cap));
    landing = intake.reserve(signal, reserved, "");
    buffer = landing.buffer();
  }

  /** The memory with room for {@code bytes} more after its position. Use the one returned: growing moves it. */
  ByteBuffer room(int bytes) throws Refused, Growing.TooLarge {
    long needed = (long) buffer.position() + bytes;
    if (needed > cap) throw TooLarge.INSTANCE;
    if (needed > reserved || buffer.remaining() < bytes) grow(needed);
    return buffer;
  }

  private void grow(long needed) throws Refused {
    int size = (int) Math.min(cap, Math.max(needed, 2L * reserved));
    Landing larger = intake.reserve(signal, size, "");
    ByteBuffer target = larger.buffer();
    target.put(buffer.flip());
    landing.cancel();
    landing = larger;
    buffer = target;
    reserved = size;
  }

  /** Bytes filled so far. */
  int size() {
    return buffer.position();
  }

  /** A view of the bytes filled so far. */
  ByteBuffer filled() {
    return buffer.duplicate().flip();
  }

  /** What to submit; this object is not used after. */
  Landing landing() {
    return landing;
  }

  void cancel() {
    landing.cancel();
  }

  /** More bytes than the cap allows. */
  static final class TooLarge extends Exception {
    private static final long serialVersionUID = 1;
    static final TooLarge INSTANCE = new TooLarge();

    private TooLarge() {
      super("too large", null, false, false);
    }
  }
}
