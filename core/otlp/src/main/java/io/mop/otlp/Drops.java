package io.mop.otlp;

import io.mop.api.data.Reason;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ObjIntConsumer;

/** Dropped items by reason. */
final class Drops {
  /** More is a mistake: reasons are metric labels. */
  private static final int MOST = 256;

  private Reason[] reasons = new Reason[8];
  private int[] counts = new int[8];
  private int size;
  private int total;

  void clear() {
    Arrays.fill(reasons, 0, size, null);
    size = 0;
    total = 0;
  }

  int total() {
    return total;
  }

  /** @return number of the reason, from 0 */
  int add(Reason reason) {
    int i = find(reason);
    if (i == size) {
      if (i == MOST) throw new IllegalStateException("drops: expected at most " + MOST + " reasons in one call");
      if (i == counts.length) {
        reasons = Arrays.copyOf(reasons, 2 * i);
        counts = Arrays.copyOf(counts, 2 * i);
      }
      reasons[i] = Objects.requireNonNull(reason);
      counts[i] = 0;
      size++;
    }
    counts[i]++;
    total++;
    return i;
  }

  Reason reason(int number) {
    return reasons[number];
  }

  void forEach(ObjIntConsumer<Reason> each) {
    for (int i = 0; i < size; i++) each.accept(reasons[i], counts[i]);
  }

  private int find(Reason reason) {
    for (int i = 0; i < size; i++) if (reasons[i] == reason) return i;
    for (int i = 0; i < size; i++) if (reasons[i].equals(reason)) return i;
    return size;
  }
}
