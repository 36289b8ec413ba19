package io.mop.capture;

/** HTTP/2 in the middle of a connection: frame headers that follow one another, RFC 9113 sections 4.1 and 6. */
final class Http2Frames {
  private static final int HEADER = 9;
  private static final int MAX = 1 << 14;
  /** By frame type: which flags may be set, -1 = no such type. */
  private static final int[] FLAGS = {0x09, 0x2d, 0, 0, 0x01, -1, 0x01, 0, 0, 0x04};

  private Http2Frames() {}

  /** Sure from two frames of different types on; frames of zeros, as other protocols have them, are alike. */
  static Recognition of(Prefix p) {
    int first = p.at(3);
    boolean sure = false;
    for (int at = 0; p.length() - at >= HEADER; at += HEADER + length(p, at)) {
      if (!frame(p, at)) return Recognition.UNKNOWN;
      sure |= p.at(at + 3) != first;
    }
    return Recognition.when(sure, WireKind.HTTP2, Role.UNKNOWN);
  }

  private static int length(Prefix p, int at) {
    return p.u16(at) << 8 | p.at(at + 2);
  }

  private static boolean frame(Prefix p, int at) {
    int length = length(p, at);
    int type = p.at(at + 3);
    int flags = p.at(at + 4);
    long stream = p.u32(at + 5);
    if (length > MAX || stream > Integer.MAX_VALUE || type >= FLAGS.length) return false;
    if (FLAGS[type] < 0 || (flags & ~FLAGS[type]) != 0) return false;
    return switch (type) {
      case 0, 9 -> stream > 0;
      case 1 -> stream > 0 && length > 0;
      case 2 -> stream > 0 && length == 5;
      case 3 -> stream > 0 && length == 4;
      case 4 -> stream == 0 && length % 6 == 0 && (flags == 0 || length == 0);
      case 6 -> stream == 0 && length == 8;
      case 7 -> stream == 0 && length >= 8;
      default -> length == 4;
    };
  }
}
