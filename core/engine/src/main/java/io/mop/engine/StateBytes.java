package io.mop.engine;

import io.mop.api.plugin.InvalidState;
import io.mop.api.plugin.StateReader;
import io.mop.api.plugin.StateWriter;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** State on its way from one version of a part to the next: a format, then tagged longs and byte strings. */
final class StateBytes implements StateWriter {
  /** Largest state of one part, in bytes. */
  static final int LIMIT = 16 << 20;

  private static final byte LONG = 1;
  private static final byte BYTES = 2;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private String format = "";

  @Override
  public void format(String format) {
    if (!format.matches("[a-z][a-z0-9_.-]*/[0-9]+")) {
      throw new IllegalArgumentException("state format '" + format + "': expected name/major");
    }
    this.format = format;
  }

  @Override
  public void writeLong(long value) {
    room(9);
    out.write(LONG);
    out.writeBytes(ByteBuffer.allocate(8).putLong(0, value).array());
  }

  @Override
  public void writeBytes(byte[] bytes) {
    room(5L + bytes.length);
    out.write(BYTES);
    out.writeBytes(ByteBuffer.allocate(4).putInt(0, bytes.length).array());
    out.writeBytes(bytes);
  }

  private void room(long more) {
    if (format.isEmpty()) throw new IllegalStateException("format() comes first");
    if (out.size() + more > LIMIT) throw new IllegalStateException("state of more than " + LIMIT + " bytes");
  }

  /** What was written, for one reader. */
  StateReader reader() {
    ByteBuffer in = ByteBuffer.wrap(out.toByteArray());
    return new StateReader() {
      @Override
      public String format() {
        return format;
      }

      @Override
      public long readLong() throws InvalidState {
        expect(LONG, "a long");
        return in.getLong();
      }

      @Override
      public byte[] readBytes() throws InvalidState {
        expect(BYTES, "bytes");
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
      }

      private void expect(byte tag, String what) throws InvalidState {
        try {
          if (in.get() == tag) return;
        } catch (BufferUnderflowException e) {
          throw new InvalidState(format + " ends where " + what + " was expected");
        }
        throw new InvalidState(format + " holds something else where " + what + " was expected");
      }
    };
  }
}
