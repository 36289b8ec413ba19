package io.mop.otlp;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import java.nio.ByteBuffer;

/**
 * Checks once, at the door, that bytes are an OTLP export request, so that nothing after it needs to. Accepts exactly
 * what protobuf-java accepts for the OTLP messages: any order, unknown fields, groups, varints of up to ten bytes,
 * messages in pieces, a known field of another wire type (it counts as unknown), ids of any length ({@link #inspect}
 * counts spans whose own are not valid); strings must be UTF-8; messages and groups nest at most {@value #DEPTH} deep. One exception: protobuf-java 4.36 lets some varints end
 * at a tenth byte that says it goes on; here that is an error, as in the specification.
 */
public final class Structure {
  /** Levels of messages and groups below the request, protobuf's default. */
  public static final int DEPTH = 100;

  private static final int KEEP = 4 << 20;

  private static final ThreadLocal<Structure> SCRATCH = ThreadLocal.withInitial(Structure::new);

  /** A copy of what is checked: an array reads several times faster than a buffer. */
  private byte[] copy = new byte[KEEP / 16];
  private int invalid;

  private Structure() {}

  /**
   * What a request holds.
   *
   * @param items spans, data points or log records, invalid ones among them
   * @param invalid spans whose trace_id is not 16 bytes or whose span_id is not 8, or all of them 0: OTLP calls these
   *     invalid (trace.proto), and backends refuse a whole request for one of them
   */
  public record Content(int items, int invalid) {}

  /**
   * Checks the bytes from position to limit; does not move them. Each thread keeps a copy of up to 4 MiB, so that
   * requests of up to that size allocate nothing.
   *
   * @return number of spans, data points or log records
   * @throws Malformed with the byte offset from the position, what is wrong there and what was expected
   */
  public static int check(Signal signal, ByteBuffer wire) throws Malformed {
    return SCRATCH.get().all(signal, wire);
  }

  /** The same, and how many of the items are invalid. */
  public static Content inspect(Signal signal, ByteBuffer wire) throws Malformed {
    Structure check = SCRATCH.get();
    int items = check.all(signal, wire);
    return new Content(items, check.invalid);
  }

  /**
   * Takes the invalid items out of a request that {@link #inspect} passed, in place. What stays keeps its bytes; the
   * lengths around it keep their width, padded as protobuf allows.
   *
   * @return the new length; the bytes begin at the position, as before
   */
  public static int removeInvalid(Signal signal, ByteBuffer wire) {
    if (signal != Signal.TRACES) return wire.remaining();
    byte[] copy = new byte[wire.remaining() + Wire.PAD];
    int length = wire.remaining();
    wire.get(wire.position(), copy, 0, length);
    return new ItemRemoval(copy, wire.duplicate()).spans(length);
  }

  private int all(Signal signal, ByteBuffer wire) throws Malformed {
    invalid = 0;
    Shape request = switch (signal) {
      case TRACES -> Shape.TRACES;
      case METRICS -> Shape.METRICS;
      case LOGS -> Shape.LOGS;
    };
    int length = wire.remaining();
    byte[] into = copy;
    if (into.length - Wire.PAD < length) {
      into = new byte[Math.addExact(length, Wire.PAD)];
      if (length <= KEEP) copy = into;
    }
    wire.get(wire.position(), into, 0, length);
    return message(into, request, 0, length, 0);
  }

  private int message(byte[] b, Shape shape, int at, int end, int depth) throws Malformed {
    int items = shape.items();
    int begin = at;
    int data = 0;
    boolean mixed = false;
    int valid = 0;
    while (at < end) {
      int tagAt = at;
      if (b[at] == shape.attributeTag() && depth < DEPTH - 1) {
        at = PlainAttributes.skip(b, at, end);
        if (at > tagAt) continue;
      }
      long read = u32(b, shape, at, end);
      int tag = Wire.value(read);
      at = Wire.next(read);
      if ((tag & 7) != Wire.LEN) {
        if ((tag & 7) == Wire.END_GROUP) throw failure(b, shape, tagAt, "ends a group that was not begun", "a field");
        at = skip(b, shape, tag, tagAt, at, end, depth);
        continue;
      }
      if (tag >>> 3 == 0) throw failure(b, shape, tagAt, "field number 0", "1 or more");
      read = length(b, shape, tag, at, end);
      at = Wire.next(read);
      int bodyEnd = at + Wire.value(read);
      switch (shape.kind(tag >>> 3)) {
        case Shape.MESSAGE -> {
          if (depth >= DEPTH) throw tooDeep(b, shape, tagAt);
          items += message(b, shape.child(tag >>> 3), at, bodyEnd, depth + 1);
          if (tag != data && shape.oneOf(tag >>> 3)) {
            mixed |= data != 0;
            data = tag;
          }
        }
        case Shape.STRING -> {
          if (!Utf8.valid(b, at, bodyEnd)) throw failure(b, shape, at, named(tag) + "is not UTF-8", "UTF-8");
        }
        case Shape.PACKED_VARINT -> {
          for (int p = at; p < bodyEnd; ) p = skipVarint(b, shape, p, bodyEnd);
        }
        case Shape.PACKED_FIXED64 -> {
          if ((bodyEnd - at) % 8 != 0) {
            throw failure(b, shape, at, named(tag) + "has " + (bodyEnd - at) + " bytes", "a multiple of 8");
          }
        }
        case Shape.ID -> {
          int bit = 1 << (tag >>> 3);
          valid = ItemRemoval.validId(b, tag >>> 3, at, bodyEnd) ? valid | bit : valid & ~bit;
        }
        default -> { }
      }
      at = bodyEnd;
    }
    if (valid != shape.ids()) invalid++;
    return mixed ? points(b, data, begin, end) : items;
  }

  /** Data points of a Metric with several kinds of data, of which the last counts. */
  private static int points(byte[] b, int data, int at, int end) {
    int points = 0;
    while (at < end) {
      long read = Wire.u32(b, at);
      int from = Wire.next(read);
      at = Wire.skip(b, Wire.value(read), from);
      if (Wire.value(read) != data) continue;
      for (int p = Wire.next(Wire.u32(b, from)); p < at; ) {
        read = Wire.u32(b, p);
        p = Wire.skip(b, Wire.value(read), Wire.next(read));
        if (Wire.value(read) == 0x0A) points++;
      }
    }
    return points;
  }

  /** The position after a field that is not length-delimited, or lies in a group. */
  private static int skip(byte[] b, Shape shape, int tag, int tagAt, int at, int end, int depth)
      throws Malformed {
    if (tag >>> 3 == 0) throw failure(b, shape, tagAt, "field number 0", "1 or more");
    switch (tag & 7) {
      case Wire.VARINT:
        return skipVarint(b, shape, at, end);
      case Wire.FIXED64:
        return fixed(b, shape, tag, at, end, 8);
      case Wire.FIXED32:
        return fixed(b, shape, tag, at, end, 4);
      case Wire.LEN:
        long length = length(b, shape, tag, at, end);
        return Wire.next(length) + Wire.value(length);
      case Wire.START_GROUP:
        if (depth >= DEPTH) throw tooDeep(b, shape, tagAt);
        return group(b, shape, tag, at, end, depth + 1);
      default:
        throw failure(b, shape, tagAt, "wire type " + (tag & 7), "0 to 5");
    }
  }

  private static int group(byte[] b, Shape shape, int start, int at, int end, int depth) throws Malformed {
    while (at < end) {
      int tagAt = at;
      long read = u32(b, shape, at, end);
      int tag = Wire.value(read);
      at = Wire.next(read);
      if ((tag & 7) == Wire.END_GROUP && tag >>> 3 != 0) {
        if (tag >>> 3 == start >>> 3) return at;
        throw failure(b, shape, tagAt, "ends group " + (tag >>> 3), "the end of group " + (start >>> 3));
      }
      at = skip(b, shape, tag, tagAt, at, end, depth);
    }
    throw failure(b, shape, at, "ends inside group " + (start >>> 3), "the end of the group");
  }

  private static int fixed(byte[] b, Shape shape, int tag, int at, int end, int size) throws Malformed {
    if (end - at >= size) return at + size;
    throw failure(b, shape, at, named(tag) + "needs " + size + " bytes, " + (end - at) + " are left", "a whole field");
  }

  private static long length(byte[] b, Shape shape, int tag, int at, int end) throws Malformed {
    long read = u32(b, shape, at, end);
    int length = Wire.value(read);
    int left = end - Wire.next(read);
    if (length >= 0 && length <= left) return read;
    throw failure(b, shape, at, named(tag) + "has length " + length + ", " + left + " bytes are left",
        "a length of 0 to " + left);
  }

  private static long u32(byte[] b, Shape shape, int at, int end) throws Malformed {
    if (at < end) {
      int x = b[at];
      if (x >= 0) return Wire.pair(x, at + 1);
      if (at + 1 < end) {
        int y = b[at + 1];
        if (y >= 0) return Wire.pair(x & 0x7F | y << 7, at + 2);
      }
    }
    int next = skipVarint(b, shape, at, end);
    return Wire.pair((int) Wire.varint(b, at), next);
  }

  private static int skipVarint(byte[] b, Shape shape, int at, int end) throws Malformed {
    int limit = Math.min(end - at, 10);
    for (int i = 0; i < limit; i++) {
      if (b[at + i] >= 0) return at + i + 1;
    }
    if (limit == 10) throw failure(b, shape, at, "a varint of more than 10 bytes", "at most 10");
    throw failure(b, shape, at, "a varint goes on past the end", "its last byte");
  }

  private static String named(int tag) {
    return "field " + (tag >>> 3) + " ";
  }

  private static Malformed tooDeep(byte[] b, Shape shape, int at) {
    return failure(b, shape, at, "nested deeper than " + DEPTH + " messages", "at most " + DEPTH);
  }

  private static Malformed failure(byte[] b, Shape shape, int at, String what, String expected) {
    return new Malformed("byte " + at + ", in " + shape.name + ": " + what + "; expected " + expected);
  }
}
