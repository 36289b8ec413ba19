package io.mop.exporters.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void quantilesAreWithinAThirtySecondOfTheExactOnes(long seed) {
    Random random = new Random(seed);
    long[] values = new long[1 + random.nextInt(5000)];
    Durations d = new Durations();
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextLong() >>> 22 + random.nextInt(42);
      d.record(values[i]);
    }
    Arrays.sort(values);
    for (double q : new double[] {0.0001, 0.01, 0.25, 0.5, 0.75, 0.95, 0.99, 1}) {
      long exact = values[Math.max(0, (int) Math.ceil(q * values.length) - 1)];
      assertThat((double) d.quantile(q)).as("q %s", q).isCloseTo(exact, within(exact / 32.0));
    }
    assertThat(d.total()).isEqualTo(values.length);
  }

  /** Around every power of two, where buckets change their width. */
  @Test
  void everyValueIsWithinAThirtySecondOfItself() {
    for (int e = 0; e < 42; e++) {
      for (long v = Math.max(0, (1L << e) - 40); v <= Math.min((1L << 42) - 1, (1L << e) + 40); v++) {
        Durations d = new Durations();
        d.record(v);
        assertThat((double) d.quantile(1)).isCloseTo(v, within(v / 32.0));
      }
    }
  }

  @Test
  void whatIsOutOfRangeIsCountedAtItsEnds() {
    Durations d = new Durations();
    assertThat(d.quantile(0.5)).isZero();
    d.record(-1);
    d.record(Long.MIN_VALUE);
    d.record(Long.MAX_VALUE);
    assertThat(d.quantile(0.5)).isZero();
    assertThat(d.quantile(1)).isGreaterThan(1L << 41);
    assertThat(d.total()).isEqualTo(3);
  }

  @ParameterizedTest(name = "{0} ns = {1}")
  @CsvSource({
    "0,0 ns", "999,999 ns", "1000,1.00 µs", "12345,12.3 µs", "421000,421 µs", "9994000,9.99 ms", "9996000,10.0 ms",
    "99960000,100 ms", "1020000000,1.02 s", "4000000000000,4000 s",
  })
  void durationsAreShownWithThreeDigits(long nanos, String shown) {
    assertThat(Table.duration(nanos)).isEqualTo(shown);
  }
}
