package io.mop.exporters.summary;

import io.mop.api.data.Text;
import io.mop.api.data.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Operations by kind, service and name: a hash table over the bytes as they lie in the batch, so that a known operation
 * costs a hash, a comparison and no object. Not thread-safe.
 */
final class Operations {
  /** Longer names are cut: what differs only beyond is one operation. */
  static final int LONGEST_NAME = 256;

  private final Operation[] table;
  private final byte[] key = new byte[Operation.HEAD + 2 * LONGEST_NAME];
  private final List<Operation> all = new ArrayList<>();
  private final int max;
  private final int window;
  private Operation other; // null until needed

  /** @param window seconds */
  Operations(int max, int window) {
    this.max = max;
    this.window = window;
    table = new Operation[Integer.highestOneBit(max) * 4];
  }

  /** @param service text, or anything else for a resource without service.name */
  void add(Value service, int kind, Text name, long nanos, boolean error, long second) {
    int at = Operation.HEAD;
    if (service.type() == Value.Type.TEXT) at += copy(service.text(), at);
    Operation.head(key, kind, at - Operation.HEAD);
    find(at + copy(name, at), second).add(nanos, error, second);
  }

  /** Most spans first. */
  List<Operation> sorted() {
    List<Operation> sorted = new ArrayList<>(all);
    sorted.sort(
        (a, b) -> {
          int byTotal = Long.compare(b.durations.total(), a.durations.total());
          if (byTotal != 0) return byTotal;
          int byService = a.service.compareTo(b.service);
          return byService != 0 ? byService : a.name.compareTo(b.name);
        });
    return sorted;
  }

  /** What exceeded {@code max}. */
  Optional<Operation> other() {
    return Optional.ofNullable(other);
  }

  private Operation find(int length, long second) {
    int mask = table.length - 1;
    int hash = 0;
    for (int i = 0; i < length; i++) hash = hash * 31 + key[i];
    int slot = (hash ^ hash >>> 15) & mask;
    for (; table[slot] != null; slot = slot + 1 & mask) if (table[slot].is(key, length)) return table[slot];
    if (all.size() == max) {
      if (other == null) other = new Operation(window, second);
      return other;
    }
    Operation created = new Operation(Arrays.copyOf(key, length), window, second);
    all.add(created);
    table[slot] = created;
    return created;
  }

  private int copy(Text text, int at) {
    int n = text.length();
    if (n > LONGEST_NAME) {
      n = LONGEST_NAME;
      while (n > 0 && (text.at(n) & 0xc0) == 0x80) n--; // not within a character
    }
    text.copy(0, n, key, at);
    return n;
  }
}
