package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.control.Status;
import java.util.Map;
import java.util.TreeMap;

/**
 * The books of one component and signal, in items. Every entry is one step that keeps {@code in + created = out +
 * sampledOut + filtered + refused + failed + held} true, so a reading balances at any moment.
 */
final class Account {
  final String path;
  final Signal signal;
  private long in;
  private long created;
  private long out;
  private long held;
  private final Map<String, Long> filtered = new TreeMap<>();
  private final Map<String, Long> refused = new TreeMap<>();
  private final Map<String, Long> failed = new TreeMap<>();

  Account(String path, Signal signal) {
    this.path = path;
    this.signal = signal;
  }

  /** Came in and is held. */
  synchronized void admit(long items) {
    in += items;
    held += items;
  }

  /** Was held and went on. */
  synchronized void pass(long items) {
    held -= items;
    out += items;
  }

  /** Was held and ended here. */
  synchronized void fail(long items, String reason) {
    held -= items;
    failed.merge(reason, items, Long::sum);
  }

  /** Was held and was given back to the sender. */
  synchronized void giveBack(long items, String reason) {
    held -= items;
    refused.merge(reason, items, Long::sum);
  }

  /** Was held; {@code reason} ended {@code items} of it by a decision. */
  synchronized void filter(long items, String reason) {
    held -= items;
    filtered.merge(reason, items, Long::sum);
  }

  synchronized Status.Flow read() {
    return new Status.Flow(
        path, signal, in, created, out, 0, Map.copyOf(filtered), Map.copyOf(refused), Map.copyOf(failed), held);
  }
}
