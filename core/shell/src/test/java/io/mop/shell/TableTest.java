package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableTest {
  @Test
  void longTextsAreCut() {
    assertThat(Table.cell("x".repeat(160))).isEqualTo("x".repeat(160));
    assertThat(Table.cell("x".repeat(161))).isEqualTo("x".repeat(159) + "…");
    assertThat(Table.cell("x".repeat(158) + "😀 and more")).isEqualTo("x".repeat(158) + "…");
    assertThat(Table.cell(" a\n\tb\u001b" + " ".repeat(200))).isEqualTo("a b");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1048576, 1.0 MiB", "1610612736, 1.5 GiB", "1099511627776, 1.0 TiB",
    "1125899906842624, 1024.0 TiB",
  })
  void sizes(long bytes, String text) {
    assertThat(Table.size(bytes)).isEqualTo(text);
  }
}
