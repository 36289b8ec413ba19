package io.mop.exporters.otlp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * What a peer's protobuf answer says. The messages that OTLP answers with are small, so they are read by hand:
 * {@code Export*ServiceResponse} of opentelemetry/proto/collector/*&#47;v1 ({@code partial_success = 1 { int64
 * rejected_* = 1; string error_message = 2; }}, alike for all signals) and {@code google.rpc.Status} ({@code int32 code
 * = 1; string message = 2;}). Unknown fields are skipped; groups, which neither message ever had, are malformed.
 *
 * @param rejected items not taken; 0 in a status
 * @param message empty = none
 */
record Reply(long rejected, String message) {
  static final Reply NONE = new Reply(0, "");

  /** The bytes are not the expected message. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /** Reads an {@code Export*ServiceResponse}. */
  static Reply response(byte[] body) throws Malformed {
    Reply reply = NONE;
    Reader in = new Reader(body, 0, body.length);
    while (in.next()) {
      if (in.is(1, LENGTH)) reply = pair(in.message(), reply);
      else in.skip();
    }
    return reply;
  }

  /** Reads a {@code google.rpc.Status}; only its message counts. */
  static Reply status(byte[] body) throws Malformed {
    return new Reply(0, pair(new Reader(body, 0, body.length), NONE).message());
  }

  /**
   * The delay that a {@code google.rpc.Status} asks for: {@code retry_delay} of the first {@code google.rpc.RetryInfo}
   * among its {@code details = 3}. Zero if the RetryInfo names none; seconds that no protobuf Duration may have
   * (±315,576,000,000) are held to that range.
   *
   * @return empty = no RetryInfo
   */
  static Optional<Duration> retryDelay(byte[] status) throws Malformed {
    Reader in = new Reader(status, 0, status.length);
    while (in.next()) {
      if (!in.is(3, LENGTH)) {
        in.skip();
        continue;
      }
      Reader any = in.message();
      String type = "";
      Optional<Reader> value = Optional.empty();
      while (any.next()) {
        if (any.is(1, LENGTH)) type = any.text();
        else if (any.is(2, LENGTH)) value = Optional.of(any.message());
        else any.skip();
      }
      // An Any's type is what follows the last slash.
      if (!type.endsWith("/google.rpc.RetryInfo")) continue;
      return Optional.of(value.isPresent() ? retryInfo(value.get()) : Duration.ZERO);
    }
    return Optional.empty();
  }

  private static Duration retryInfo(Reader in) throws Malformed {
    long seconds = 0;
    int nanos = 0;
    while (in.next()) {
      if (!in.is(1, LENGTH)) {
        in.skip();
        continue;
      }
      Reader delay = in.message();
      while (delay.next()) {
        if (delay.is(1, VARINT)) seconds = delay.varint();
        else if (delay.is(2, VARINT)) nanos = (int) delay.varint();
        else delay.skip();
      }
    }
    return Duration.ofSeconds(Math.max(-MAX_SECONDS, Math.min(MAX_SECONDS, seconds)), nanos);
  }

  /** Field 1 a number, field 2 a text; a repeated field's last value holds, as protobuf says. */
  private static Reply pair(Reader in, Reply before) throws Malformed {
    long number = before.rejected();
    String text = before.message();
    while (in.next()) {
      if (in.is(1, VARINT)) number = in.varint();
      else if (in.is(2, LENGTH)) text = in.text();
      else in.skip();
    }
    return new Reply(number, text);
  }

  private static final long MAX_SECONDS = 315_576_000_000L; // google/protobuf/duration.proto
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  /** Protobuf wire format, https://protobuf.dev/programming-guides/encoding, never beyond {@code end}. */
  private static final class Reader {
    private final byte[] bytes;
    private final int end;
    private int at;
    private int field;
    private int type;

    Reader(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    boolean next() throws Malformed {
      if (at == end) return false;
      // A tag is an unsigned 32-bit number; protobuf readers ignore the bits above.
      int tag = (int) varint();
      field = tag >>> 3;
      type = tag & 7;
      if (field == 0) throw new Malformed("field number 0");
      return true;
    }

    boolean is(int number, int wireType) {
      return field == number && type == wireType;
    }

    long varint() throws Malformed {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        if (at == end) throw new Malformed("ends within a number");
        byte b = bytes[at++];
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) return value;
      }
      throw new Malformed("a number of more than 10 bytes");
    }

    Reader message() throws Malformed {
      int length = length();
      at += length;
      return new Reader(bytes, at - length, at);
    }

    String text() throws Malformed {
      int length = length();
      at += length;
      return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    void skip() throws Malformed {
      switch (type) {
        case VARINT -> varint();
        case FIXED64 -> advance(8);
        case LENGTH -> advance(length());
        case FIXED32 -> advance(4);
        default -> throw new Malformed("wire type " + type + ": a group or no protobuf");
      }
    }

    private int length() throws Malformed {
      // As in protobuf readers the length is the low 32 bits, which must not be negative.
      int length = (int) varint();
      if (length < 0 || length > end - at) throw new Malformed("a field longer than the message");
      return length;
    }

    private void advance(int n) throws Malformed {
      if (n > end - at) throw new Malformed("ends within a field");
      at += n;
    }
  }
}
