package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** System calls may end anywhere in a message: bodies here look like messages, so that a wrong position shows. */
class SplitTest {
  private static final String REQUESTS = "Qa 0\nQb 10\nQx 0\nQy 0\nQc 0\nQd 3\nxxx";
  private static final String RESPONSES = "Ra 3\nxyzRb 0\nRc 5\nRz 0\nRd 0\n";

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsMayBeSplitAtAnyTwoBytes(boolean server) {
    for (int i = 1; i < REQUESTS.length(); i++) {
      for (int k = 0; k < RESPONSES.length(); k++) {
        Setup s = new Setup();
        Wire w = new Wire(1, s.capture);
        open(w, server);
        pass(w, REQUESTS.substring(0, i), server);
        pass(w, REQUESTS.substring(i), server);
        pass(w, RESPONSES.substring(0, k), !server);
        pass(w, RESPONSES.substring(k), !server);
        check(s);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsMayBeSplitAtEveryByte(boolean server) {
    Setup s = new Setup();
    Wire w = new Wire(1, s.capture);
    open(w, server);
    for (String b : REQUESTS.split("(?s)(?<=.)")) pass(w, b, server);
    for (String b : RESPONSES.split("(?s)(?<=.)")) pass(w, b, !server);
    check(s);
  }

  private static void open(Wire w, boolean server) {
    if (server) w.openServer();
    else w.openClient();
  }

  private static void pass(Wire w, String s, boolean received) {
    if (s.isEmpty()) return;
    if (received) w.recv(s);
    else w.send(s);
  }

  private static void check(Setup s) {
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c", "d=d");
    assertThat(s.count(Counters.RESYNCS)).isZero();
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
    assertThat(s.balanced()).isTrue();
  }
}
