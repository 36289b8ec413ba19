package io.mop.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogsTest {
  private static final class TestClock extends Clock {
    long millis = Instant.parse("2026-11-01T10:00:00.5Z").toEpochMilli();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(millis);
    }
  }

  private final TestClock clock = new TestClock();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private LogHandler handler(Logs.Format format) {
    return new LogHandler(new PrintStream(out, true, StandardCharsets.UTF_8), format, clock);
  }

  private List<String> lines() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static LogRecord record(Level level, String message) {
    LogRecord record = new LogRecord(level, message);
    record.setLoggerName("io.mop.x");
    return record;
  }

  @Test
  void oneLineARecord() {
    LogHandler log = handler(Logs.Format.TEXT);
    log.publish(record(Level.INFO, "listening"));
    log.publish(record(Level.FINE, "detail"));
    LogRecord forged = record(Level.SEVERE, "path /a\r\n2026-11-01T10:00:00.500Z INFO    io.mop.x: \u001b[2Jforged");
    forged.setThrown(new IllegalStateException("x\ny", new java.io.IOException("cause")));
    log.publish(forged);
    assertThat(lines()).hasSize(3);
    assertThat(lines().get(0)).isEqualTo("2026-11-01T10:00:00.500Z INFO    io.mop.x: listening");
    assertThat(lines().get(1)).isEqualTo("2026-11-01T10:00:00.500Z DEBUG   io.mop.x: detail");
    assertThat(lines().get(2))
        .startsWith("2026-11-01T10:00:00.500Z ERROR   io.mop.x: path /a | 2026-11-01T10:00:00.500Z INFO")
        .contains("forged | java.lang.IllegalStateException: x | y | at io.mop.launcher.LogsTest.oneLineARecord(")
        .contains(" | caused by java.io.IOException: cause | at ")
        .doesNotContain("\u001b");
  }

  @Test
  void jsonKeepsTheTextAsItIs() {
    LogHandler log = handler(Logs.Format.JSON);
    LogRecord record = record(Level.WARNING, "say \"{0}\"\n\u0001");
    record.setParameters(new Object[] {"é"});
    record.setThrown(new IllegalStateException("x"));
    log.publish(record);
    assertThat(lines()).hasSize(1);
    JsonObject json = Json.createReader(new StringReader(lines().get(0))).readObject();
    assertThat(json.getString("time")).isEqualTo("2026-11-01T10:00:00.500Z");
    assertThat(json.getString("level")).isEqualTo("WARNING");
    assertThat(json.getString("logger")).isEqualTo("io.mop.x");
    assertThat(json.getString("message")).isEqualTo("say \"é\"\n\u0001");
    assertThat(json.getString("exception")).startsWith("java.lang.IllegalStateException: x\n\tat io.mop");
  }

  @Test
  void aRepeatedErrorIsWrittenOnceAMinuteWithItsCount() {
    LogHandler log = handler(Logs.Format.TEXT);
    for (int i = 0; i < 120; i++) {
      log.publish(record(Level.SEVERE, "connection refused"));
      clock.millis += 1_000;
    }
    assertThat(lines())
        .containsExactly(
            "2026-11-01T10:00:00.500Z ERROR   io.mop.x: connection refused",
            "2026-11-01T10:01:00.500Z ERROR   io.mop.x: connection refused (repeated 59 times)");
    log.sweep();
    assertThat(lines()).last()
        .isEqualTo("2026-11-01T10:02:00.500Z ERROR   io.mop.x: connection refused (repeated 60 times)");
    clock.millis += Repeats.WINDOW_MILLIS;
    log.sweep();
    log.publish(record(Level.SEVERE, "connection refused"));
    assertThat(lines()).last().isEqualTo("2026-11-01T10:03:00.500Z ERROR   io.mop.x: connection refused");
    log.close();
    assertThat(lines()).hasSize(4);
  }

  @Test
  void closeTellsWhatWasCounted() {
    LogHandler log = handler(Logs.Format.JSON);
    log.publish(record(Level.WARNING, "a"));
    log.publish(record(Level.WARNING, "a"));
    log.publish(record(Level.WARNING, "b"));
    log.close();
    assertThat(lines()).hasSize(3).last().asString().endsWith("\"message\":\"a\",\"repeated\":1}");
  }

  @Test
  void otherRecordsAndOtherErrorsAreNotHeldBack() {
    LogHandler log = handler(Logs.Format.TEXT);
    log.publish(record(Level.INFO, "same"));
    log.publish(record(Level.INFO, "same"));
    for (int i = 0; i < 5_000; i++) {
      log.publish(record(Level.SEVERE, "error " + i));
    }
    assertThat(lines()).hasSize(5_002);
  }

  @Test
  void whatLibrariesPrintToStandardErrorIsARecord() {
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      Logs logs = Logs.install(Logs.Format.TEXT, System.Logger.Level.INFO);
      System.err.println("oops é");
      System.getLogger("io.mop.y").log(System.Logger.Level.DEBUG, "not shown");
      System.getLogger("io.mop.y").log(System.Logger.Level.INFO, "shown");
      System.err.print("no line end");
      logs.close();
      System.err.println("as before");
    } finally {
      System.setErr(stderr);
    }
    assertThat(lines()).hasSize(4);
    assertThat(lines().get(0)).endsWith("Z WARNING stderr: oops é");
    assertThat(lines().get(1)).endsWith("Z INFO    io.mop.y: shown");
    assertThat(lines().get(2)).endsWith("Z WARNING stderr: no line end");
    assertThat(lines().get(3)).isEqualTo("as before");
  }

  @Test
  void messagesForPeopleStayAsTheyAre() {
    PrintStream stderr = System.err;
    System.setErr(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      Logs logs = Logs.beside(Logs.Format.TEXT, System.Logger.Level.WARNING);
      System.err.println("mop.yaml:2: no receiver");
      System.getLogger("io.mop.y").log(System.Logger.Level.INFO, "not shown");
      System.getLogger("io.mop.y").log(System.Logger.Level.WARNING, "shown");
      logs.close();
      System.err.println("as before");
    } finally {
      System.setErr(stderr);
    }
    assertThat(lines()).hasSize(3);
    assertThat(lines().get(0)).isEqualTo("mop.yaml:2: no receiver");
    assertThat(lines().get(1)).endsWith("Z WARNING io.mop.y: shown");
    assertThat(lines().get(2)).isEqualTo("as before");
  }
}
