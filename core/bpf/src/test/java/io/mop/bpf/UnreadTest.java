package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.LiveConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnreadTest {
  private static final long SECOND = 1_000_000_000;
  private static final String END = " are not read: ";
  private final Unread unread = new Unread();

  private Optional<String> look(long second, long bytes, Map<String, Long> kinds) {
    return unread.look(second * SECOND, bytes, kinds);
  }

  @ParameterizedTest(name = "{0} of {1} bytes")
  @CsvSource({
    "100000, 10000000, 0", "100001, 10000000, 1", "200001, 10000000, 2", "65536, 65536, 50", "65535, 65535, 0",
    "65536, 131072, 20", "5000001, 10000000, 50", "500001, 10000000, 5",
  })
  void warnsOfAStepThatIsPassedAnd64KiB(long without, long bytes, int step) {
    look(0, 0, Map.of());
    Optional<String> warning = look(1, bytes, Map.of("tls", without));
    String sentence = "more than " + step + " % of the bytes captured in the last minute" + END;
    if (step == 0) assertThat(warning).isEmpty();
    else assertThat(warning.orElseThrow()).startsWith(sentence);
  }

  @Test
  void namesTheKindsThatCountAndTheirBusiestServer() {
    Map<String, Long> kinds = Map.of("tls", 900_000L, "unknown", 200_000L, "ssh", 1_000L);
    assertThat(look(1, 2_000_000, kinds).orElseThrow()).contains(END + "tls, unknown; \"mop why --port N\" says why");
    unread.seen(List.of(
        connection("client", "127.0.0.1:40000", "10.0.0.1:443", "", "tls", 10),
        connection("server", "127.0.0.1:8443", "127.0.0.1:40001", "", "tls", 8),
        connection("server", "127.0.0.1:8443", "127.0.0.1:40002", "", "tls", 8),
        connection("server", "127.0.0.1:8080", "127.0.0.1:40003", "http", "", 1_000_000),
        connection("unknown", "", "", "", "unknown", 1_000_000)));
    assertThat(look(2, 2_000_000, kinds).orElseThrow()).contains(END + "tls 127.0.0.1:8443, unknown; ");
  }

  private static LiveConnection connection(
      String role, String local, String remote, String protocol, String kind, long bytes) {
    return new LiveConnection(1, local, remote, role, protocol, kind, "", bytes, 0, 0, 0, 0, "", "", true);
  }

  @Test
  void aMinuteLaterItIsOver() {
    assertThat(look(1, 100_000, Map.of("tls", 100_000L))).isPresent();
    for (int second = 2; second <= 61; second++) assertThat(look(second, 200_000, Map.of("tls", 100_000L))).isPresent();
    assertThat(look(62, 200_000, Map.of("tls", 100_000L))).isEmpty();
    assertThat(look(500, 300_000, Map.of("tls", 100_000L))).as("after a pause").isEmpty();
    assertThat(look(501, 400_000, Map.of("tls", 200_000L))).isPresent();
  }
}
