package io.mop.otlp;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Wire bytes by hand. */
final class Hex {
  private Hex() {}

  /** Hexadecimal digits, spaces ignored. */
  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static byte[] field(int number, byte[]... bodies) {
    byte[] body = concat(bodies);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, number << 3 | Wire.LEN);
    varint(out, body.length);
    out.writeBytes(body);
    return out.toByteArray();
  }

  static byte[] text(int number, String text) {
    return field(number, ByteString.copyFromUtf8(text).toByteArray());
  }

  static byte[] keyValue(int number, String key, String value) {
    return field(number, text(1, key), field(2, text(1, value)));
  }

  /** A traces request of one resource and scope with one span of these fields. */
  static byte[] request(byte[]... span) {
    return field(1, field(2, field(2, span)));
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] p : parts) out.writeBytes(p);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, int v) {
    for (; v >= 0x80; v >>>= 7) out.write(v | 0x80);
    out.write(v);
  }
}
