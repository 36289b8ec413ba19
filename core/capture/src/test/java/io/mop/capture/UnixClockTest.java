package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class UnixClockTest {
  private static final long APART = 1_700_000_000_000_000_000L;

  /** How long it takes to get to each reading of a clock; then 20 ns. */
  private final Deque<Long> interruptions = new ArrayDeque<>();
  private long now = 5_000_000_000L;
  private long step;

  private long monotonic() {
    now += interruptions.isEmpty() ? 20 : interruptions.poll();
    return now;
  }

  private Instant unix() {
    now += interruptions.isEmpty() ? 20 : interruptions.poll();
    return Instant.ofEpochSecond(0, APART + step + now);
  }

  @Test
  void anInterruptionBetweenTheClocksDoesNotShiftThem() {
    for (long nanos : new long[] {20, 3_000_000, 20, 20, 20, 2_000_000, 20, 100, 100}) interruptions.add(nanos);
    UnixClock clock = new UnixClock(this::monotonic, this::unix);
    assertThat(clock.applyAsLong(now) - now - APART).isBetween(-20L, 20L);
  }

  @Test
  void aStepOfTheWallClockIsFollowed() {
    UnixClock clock = new UnixClock(this::monotonic, this::unix);
    step = 3_600_000_000_000L;
    assertThat(clock.applyAsLong(now) - now - APART).as("within the second").isBetween(-20L, 20L);
    now += 2_000_000_000L;
    long later = now;
    assertThat(clock.applyAsLong(later) - later - APART - step).isBetween(-20L, 20L);
  }
}
