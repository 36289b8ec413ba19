package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
  @ParameterizedTest(name = "family {0}: {2}")
  @CsvSource({
    "2, 7f000001000000000000000000000000, 127.0.0.1",
    "2, ff0aff0a000000000000000000000000, 255.10.255.10",
    "10, 00000000000000000000ffff0a000001, 10.0.0.1",
    "10, 00000000000000000000000000000001, ::1",
    "10, 00000000000000000000000000000000, ::",
    "10, 20010db8000000000001000000000001, 2001:db8::1:0:0:1",
    "10, 20010db8000100000001000000010001, 2001:db8:1:0:1:0:1:1",
    "10, fe800000000000000000000000000000, fe80::",
  })
  void isWrittenAsUsual(int family, String address, String text) {
    Endpoint e = Endpoint.of(family, HexFormat.of().parseHex(address), 80);
    assertThat(e.address()).hasToString(text);
    assertThat(e.known()).isTrue();
  }

  @Test
  void unixSocketsHaveNone() {
    assertThat(Endpoint.of(1, new byte[16], 0).known()).isFalse();
    assertThat(Endpoint.of(2, new byte[16], 0).known()).isFalse();
  }
}
