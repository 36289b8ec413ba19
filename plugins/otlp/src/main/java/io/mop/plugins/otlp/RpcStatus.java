package io.mop.plugins.otlp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * {@code google.rpc.Status} as protobuf bytes: the body of OTLP/HTTP errors and gRPC's {@code grpc-status-details-bin}.
 * Field numbers: google/rpc/status.proto, error_details.proto (RetryInfo), google/protobuf/{any,duration}.proto.
 */
final class RpcStatus {
  private static final byte[] RETRY_INFO =
      "type.googleapis.com/google.rpc.RetryInfo".getBytes(StandardCharsets.US_ASCII);

  private RpcStatus() {}

  /** A status without details. */
  static byte[] of(int code, String message) {
    ByteArrayOutputStream status = new ByteArrayOutputStream();
    number(status, 1, code);
    bytes(status, 2, message.getBytes(StandardCharsets.UTF_8));
    return status.toByteArray();
  }

  /** A status with a RetryInfo. */
  static byte[] of(int code, String message, Duration retryAfter) {
    ByteArrayOutputStream duration = new ByteArrayOutputStream();
    number(duration, 1, retryAfter.getSeconds());
    number(duration, 2, retryAfter.getNano());
    ByteArrayOutputStream retryInfo = new ByteArrayOutputStream();
    bytes(retryInfo, 1, duration.toByteArray());
    ByteArrayOutputStream any = new ByteArrayOutputStream();
    bytes(any, 1, RETRY_INFO);
    bytes(any, 2, retryInfo.toByteArray());
    ByteArrayOutputStream status = new ByteArrayOutputStream();
    status.writeBytes(of(code, message));
    bytes(status, 3, any.toByteArray());
    return status.toByteArray();
  }

  static void number(ByteArrayOutputStream out, int field, long value) {
    if (value == 0) return;
    varint(out, field << 3);
    varint(out, value);
  }

  static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
    varint(out, field << 3 | 2);
    varint(out, value.length);
    out.writeBytes(value);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    for (; (rest & ~0x7FL) != 0; rest >>>= 7) out.write((int) (rest & 0x7F | 0x80));
    out.write((int) rest);
  }
}
