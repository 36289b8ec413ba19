package io.mop.otlp;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What stands around the items of a request of one resource and scope; the same for traces, metrics and logs. */
final class Envelope {
  private final byte[] resource;
  private final byte[] scope;

  /**
   * @param resource body of an OTLP Resource message
   * @param scopeName empty = none
   * @param scopeVersion empty = none
   */
  Envelope(byte[] resource, String scopeName, String scopeVersion) {
    this.resource = resource.clone();
    GrowingBytes body = new GrowingBytes(SpanWriter.LIMIT);
    if (!scopeName.isEmpty()) body.addField(0x0A, scopeName.getBytes(StandardCharsets.UTF_8));
    if (!scopeVersion.isEmpty()) body.addField(0x12, scopeVersion.getBytes(StandardCharsets.UTF_8));
    scope = Arrays.copyOf(body.array(), body.size());
  }

  /** Bytes of a length-delimited field with a body of {@code length} bytes and a small number. */
  static int sized(int length) {
    return 1 + Wire.sizeOfVarint(length) + length;
  }

  private int scoped(int items) {
    return sized(scope.length) + items;
  }

  private int whole(int items) {
    return sized(resource.length) + sized(scoped(items));
  }

  /** Bytes of the request around items of so many bytes. */
  int size(int items) {
    return sized(whole(items));
  }

  /**
   * Writes the request from the target's position on.
   *
   * @throws BufferOverflowException if fewer than {@link #size} bytes remain; nothing is written then
   */
  void writeTo(ByteBuffer target, GrowingBytes items) {
    if (target.remaining() < size(items.size())) throw new BufferOverflowException();
    put(target, 0x0A, whole(items.size()));
    put(target, 0x0A, resource.length);
    target.put(resource);
    put(target, 0x12, scoped(items.size()));
    put(target, 0x0A, scope.length);
    target.put(scope);
    target.put(items.array(), 0, items.size());
  }

  private static void put(ByteBuffer target, int tag, int length) {
    target.put((byte) tag);
    for (; length >= 0x80; length >>>= 7) target.put((byte) (length | 0x80));
    target.put((byte) length);
  }
}
