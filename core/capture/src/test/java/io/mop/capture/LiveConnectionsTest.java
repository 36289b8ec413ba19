package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What {@code mop why} is told. */
class LiveConnectionsTest {
  private final Setup s = new Setup();

  private List<LiveConnection> live() {
    CompletableFuture<List<LiveConnection>> answer = s.capture.connections().toCompletableFuture();
    assertThat(answer).as("answered by the ring thread").isNotDone();
    s.capture.drained(0);
    return answer.join();
  }

  @Test
  void connectionsAreToldTheYoungestFirst() {
    new Wire(1, s.capture).openServer().recv("Qa 0\n").lose(Record.SEND, 5).recv("Qb 0\n");
    new Wire(2, s.capture).openClient().send("SSH-2.0-x\r\n");
    assertThat(live())
        .containsExactly(
            new LiveConnection(
                4711, "10.0.0.1:40000", "10.0.0.2:8080", "client", "", "ssh", "SSH: no decoder installed", 0, 11, 0, 0,
                0, "", "", true),
            new LiveConnection(
                4711, "10.0.0.1:8080", "10.0.0.2:40000", "server", "lines", "", "", 10, 0, 0, 1, 0, "record_lost", "",
                true));
  }

  @Test
  void anErrorOfADecoderIsToldWithoutItsMessage() {
    new Wire(1, s.capture).openServer().recv("Qa 0\n").recv("! 0\n");
    new Wire(2, s.capture).openServer().recv("Qa 0\n").recv("X 0\n");
    List<LiveConnection> live = live();
    assertThat(live.get(1).lastDecoderError()).isEqualTo("lines: java.lang.IllegalStateException");
    assertThat(live.get(1).reason()).isEqualTo("lines: its decoder failed or was removed");
    assertThat(live.get(0).reason()).isEqualTo("lines: its decoder left, asked");
  }

  @Test
  void rowsAreBounded() {
    for (int i = 0; i < Capture.MOST_LIVE + 50; i++) new Wire(i, s.capture).recv("?");
    assertThat(live()).hasSize(Capture.MOST_LIVE);
  }

  @Test
  void aClosedCaptureHasNone() {
    new Wire(1, s.capture).recv("?");
    CompletableFuture<List<LiveConnection>> before = s.capture.connections().toCompletableFuture();
    s.capture.close();
    assertThat(before).isCompletedWithValue(List.of());
    assertThat(s.capture.connections().toCompletableFuture()).isCompletedWithValue(List.of());
  }

  @Test
  void thoseThatEndedLastAreToldAfterThoseThatAreOpen() {
    new Wire(1, s.capture).openServer().recv("Qa 0\n").send("Ra 0\n").close();
    new Wire(2, s.capture).openClient().send("SSH-2.0-x\r\n").close();
    new Wire(3, s.capture).openServer().recv("Qa 0\n").send("Ra 0\n").recv("Qb 0\n");
    List<LiveConnection> live = live();
    assertThat(live).extracting(LiveConnection::open).containsExactly(true, false, false);
    assertThat(live).extracting(LiveConnection::protocol).containsExactly("lines", "", "lines");
    assertThat(live).extracting(LiveConnection::exchanges).containsExactly(1L, 0L, 1L);
    for (int i = 10; i < 10 + ConnectionTable.MOST_ENDED; i++) new Wire(i, s.capture).recv("?").close();
    assertThat(live()).as("the last of them").hasSize(1 + ConnectionTable.MOST_ENDED)
        .extracting(LiveConnection::protocol).containsOnlyOnce("lines");
  }

  @Test
  void bytesWithoutADecoderAreCountedByWhatTheyLookLike() {
    new Wire(1, s.capture).openServer().recv("Qa 0\n").send("Ra 0\n");
    new Wire(2, s.capture).openClient().send("SSH-2.0-x\r\n");
    new Wire(3, s.capture).openServer().recv("Qa 0\n").recv("X 0\n").recv("12345");
    assertThat(s.count(Counters.BYTES)).isEqualTo(10 + 11 + 14);
    assertThat(s.capture.counters().byReason(Counters.BYTES_UNREAD)).containsExactly(
        Map.entry("lines", 9L), Map.entry("ssh", 11L));
  }
}
