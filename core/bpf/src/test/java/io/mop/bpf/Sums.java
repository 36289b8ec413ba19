package io.mop.bpf;

import static io.mop.bpf.Counter.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;

/** The equations of {@link Counter}. */
final class Sums {
  private Sums() {}

  static void assertBalanced(Map<Counter, Long> n) {
    assertThat(sum(n, SEEN, CONTINUED, TLS)).as("seen, continued and TLS, of %s", n)
        .isEqualTo(sum(n, SUBMITTED, RESERVE_FAILED, FAILED_CALL, NOTHING, PEEKED, OTHER_FAMILY, NO_STATE, COUNT_ONLY,
            UNTOLD));
    assertThat(n.get(SUBMITTED)).as("submitted, of %s", n)
        .isEqualTo(sum(n, WHOLE, TRUNCATED, FAULT, NO_BUFFER, GUARD, DISCARDED, END, HEADS, HEADER_ONLY, FRAMED));
  }

  /** All records that the kernel says it put into the ring. */
  static long records(Map<Counter, Long> n) {
    return sum(n, SUBMITTED, OPEN, CLOSE);
  }

  static long sum(Map<Counter, Long> n, Counter... counters) {
    return Stream.of(counters).mapToLong(n::get).sum();
  }
}
