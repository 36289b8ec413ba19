package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A decoder that fails on every connection does not flood the log. */
class FailureLogTest extends Handler {
  private final Setup s = new Setup();
  private final List<LogRecord> logged = new ArrayList<>();

  FailureLogTest() {
    Setup.LOG.addHandler(this);
  }

  @AfterEach
  void remove() {
    Setup.LOG.removeHandler(this);
  }

  @Test
  void theFirstFailureHasAStackAndLaterOnesAreCounted() {
    for (int i = 1; i <= 100; i++) new Wire(i, s.capture).openServer().recv("! 0\n").recv("Qa 0\n! 0\n");
    assertThat(s.capture.counters().get(Counters.DECODER_FAILURES, "lines")).isEqualTo(100);
    assertThat(logged).hasSize(7);
    assertThat(logged.get(0).getMessage()).isEqualTo("protocol lines failed on a connection and is not used on it");
    assertThat(logged.get(0).getThrown()).hasMessage("as asked");
    assertThat(logged.subList(1, 7)).allMatch(r -> r.getThrown() == null);
    assertThat(logged.get(6).getMessage())
        .isEqualTo(
            "protocol lines has failed on connections 64 times, the last: java.lang.IllegalStateException: as asked");
  }

  @Override
  public void publish(LogRecord r) {
    logged.add(r);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
