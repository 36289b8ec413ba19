package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import org.junit.jupiter.api.Test;

/** {@link ReplayCheckTest} and {@link DecoderFuzzTest} play conversations. */
class TestConnectionTest {
  private static final class Nobodys implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      return Guess.NO;
    }

    @Override
    public Decoder open(Exchanges out) {
      throw new AssertionError("nothing was recognised");
    }
  }

  @Test
  void aCounterThatTheCoreDoesNotHaveIsNotZero() {
    TestConnection connection = TestConnection.atServer(new Nobodys()).request("four").check();
    assertThat(connection.count("bytes")).isEqualTo(4);
    assertThat(connection.count("exchanges_incomplete")).isZero();
    assertThat(connection.count("exchanges_incomplete", "cut")).isZero();
    assertThatThrownBy(() -> connection.count("exchange_incomplete"))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'exchange_incomplete'");
    assertThatThrownBy(() -> connection.count("bytes", "cut"))
        .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'bytes'");
  }
}
