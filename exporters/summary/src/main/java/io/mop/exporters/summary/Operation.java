package io.mop.exporters.summary;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What one operation of one service did. */
final class Operation {
  /** Bytes of a key before service and name: the kind, and the length of service that tells "ab" "c" from "a" "bc". */
  static final int HEAD = 3;

  final String service;
  final String name;
  final String kind;
  final Durations durations = new Durations();
  long errors;

  private final byte[] key;
  private final long[] perSecond;
  private long newest; // second of the newest slot written

  /** @param key {@link #HEAD} bytes, service, name */
  Operation(byte[] key, int window, long second) {
    this.key = key;
    int nameAt = HEAD + ((key[1] & 0xff) << 8 | key[2] & 0xff);
    kind = kindName(key[0]);
    service = nameAt == HEAD ? "-" : new String(key, HEAD, nameAt - HEAD, StandardCharsets.UTF_8);
    name = new String(key, nameAt, key.length - nameAt, StandardCharsets.UTF_8);
    perSecond = new long[window];
    newest = second;
  }

  /** What does not fit any more. */
  Operation(int window, long second) {
    key = new byte[0];
    service = "";
    name = "other";
    kind = "";
    perSecond = new long[window];
    newest = second;
  }

  static void head(byte[] key, int kind, int serviceLength) {
    key[0] = (byte) kind;
    key[1] = (byte) (serviceLength >>> 8);
    key[2] = (byte) serviceLength;
  }

  boolean is(byte[] bytes, int length) {
    return Arrays.equals(key, 0, key.length, bytes, 0, length);
  }

  void add(long nanos, boolean error, long second) {
    durations.record(nanos);
    if (error) errors++;
    forward(second);
    long slot = newest - second < perSecond.length ? second : newest;
    perSecond[Math.floorMod(slot, perSecond.length)]++;
  }

  /** Spans of the last {@code window} seconds, of which {@code second} is the one under way. */
  long recent(long second) {
    forward(second);
    long sum = 0;
    for (long n : perSecond) sum += n;
    return sum;
  }

  private void forward(long second) {
    if (second - newest >= perSecond.length) {
      Arrays.fill(perSecond, 0);
      newest = second;
    }
    while (newest < second) perSecond[Math.floorMod(++newest, perSecond.length)] = 0;
  }

  private static String kindName(int kind) {
    return switch (kind) {
      case 1 -> "internal";
      case 2 -> "server";
      case 3 -> "client";
      case 4 -> "producer";
      case 5 -> "consumer";
      default -> "-";
    };
  }
}
