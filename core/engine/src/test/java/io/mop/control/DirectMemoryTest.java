package io.mop.control;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectMemoryTest {
  @ParameterizedTest(name = "of {0} MiB of direct memory batches get {1}")
  @CsvSource({"8, 16", "16, 16", "32, 16", "34, 17", "56, 28", "510, 255", "512, 256", "514, 256", "1048576, 256"})
  void batchesGetHalfOfALittleMemory(long limit, long batches) {
    assertThat(DirectMemory.forBatches(limit << 20).bytes()).isEqualTo(batches << 20);
  }

  @Test
  void followsTheProcess() {
    assertThat(DirectMemory.limit()).isPositive();
    assertThat(DirectMemory.forBatches()).isEqualTo(DirectMemory.forBatches(DirectMemory.limit()));
  }
}
