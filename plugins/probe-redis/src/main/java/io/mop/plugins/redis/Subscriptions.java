package io.mop.plugins.redis;

/** What a connection is subscribed to, as the answers to its subscriptions count it. */
final class Subscriptions {
  private long channels;
  private long patterns;
  private long shards;
  private boolean arrays;

  void clear() {
    channels = patterns = shards = 0;
    arrays = false;
  }

  /** Whether messages come as arrays (RESP2), which other replies may look like. */
  boolean inArrays() {
    return arrays;
  }

  /** A message has come as an array that no command asked for. */
  void messageInArray() {
    arrays = true;
  }

  /** An answer: {@code now} = how many subscriptions there are now, channels and patterns in one. */
  void told(Kind kind, long now, boolean array) {
    long change = now - (kind == Kind.SSUBSCRIBE || kind == Kind.SUNSUBSCRIBE ? shards : channels + patterns);
    switch (kind) {
      case SUBSCRIBE, UNSUBSCRIBE -> channels = Math.max(0, channels + change);
      case PSUBSCRIBE, PUNSUBSCRIBE -> patterns = Math.max(0, patterns + change);
      default -> shards = now;
    }
    if (!kind.leaves()) arrays = array;
    else if (channels + patterns + shards == 0) arrays = false;
  }

  /** Whether an answer to leaving all of a kind was the last one. */
  boolean left(Kind kind, long now) {
    long rest =
        switch (kind) {
          case UNSUBSCRIBE -> channels;
          case PUNSUBSCRIBE -> patterns;
          default -> shards;
        };
    return rest == 0 || now == 0;
  }
}
