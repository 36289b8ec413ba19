package io.mop.launcher;

import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Writes one line a record. A warning or an error that repeats is written once a minute with its count. */
final class LogHandler extends Handler {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** In a text line; JSON has them all. */
  private static final int MAX_FRAMES = 6;
  private static final int MAX_CAUSES = 5;

  private final PrintStream out;
  private final Logs.Format format;
  private final Clock clock;
  private final Formatter text = new SimpleFormatter();
  private final Repeats repeats = new Repeats();

  LogHandler(PrintStream out, Logs.Format format, Clock clock) {
    this.out = out;
    this.format = format;
    this.clock = clock;
  }

  static Level julLevel(System.Logger.Level level) {
    return switch (level) {
      case ALL -> Level.ALL;
      case TRACE -> Level.FINER;
      case DEBUG -> Level.FINE;
      case INFO -> Level.INFO;
      case WARNING -> Level.WARNING;
      case ERROR -> Level.SEVERE;
      case OFF -> Level.OFF;
    };
  }

  private static String name(Level level) {
    int value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (value >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    if (value >= Level.CONFIG.intValue()) {
      return "INFO";
    }
    return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }

  @Override
  public synchronized void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    // By the clock, not the record: they agree but in tests.
    long now = clock.millis();
    Line line =
        new Line(
            name(record.getLevel()),
            record.getLoggerName() == null ? "" : record.getLoggerName(),
            text.formatMessage(record),
            thrown(record.getThrown()));
    repeats.expire(now, this::writeRepeated);
    if (record.getLevel().intValue() < Level.WARNING.intValue() || repeats.first(line, now)) {
      write(line, now, 0);
    }
  }

  /** Writes the counts of errors that stopped repeating. */
  synchronized void sweep() {
    repeats.expire(clock.millis(), this::writeRepeated);
  }

  private void writeRepeated(Line line, long count) {
    write(line, clock.millis(), count);
  }

  private void write(Line line, long now, long repeated) {
    String time = TIME.format(Instant.ofEpochMilli(now));
    out.println(format == Logs.Format.JSON ? json(line, time, repeated) : text(line, time, repeated));
    out.flush();
  }

  private static String text(Line line, String time, long repeated) {
    StringBuilder b = new StringBuilder(160);
    b.append(time).append(' ').append(String.format("%-7s", line.level())).append(' ');
    b.append(line.logger()).append(": ");
    b.append(oneLine(line.message()));
    if (repeated > 0) {
      b.append(" (repeated ").append(repeated).append(repeated == 1 ? " time)" : " times)");
    } else if (!line.thrown().isEmpty()) {
      b.append(" | ").append(oneLine(line.thrown()));
    }
    return b.toString();
  }

  private static String json(Line line, String time, long repeated) {
    JsonObjectBuilder json =
        Json.createObjectBuilder()
            .add("time", time)
            .add("level", line.level())
            .add("logger", line.logger())
            .add("message", line.message());
    if (repeated > 0) {
      json.add("repeated", repeated);
    } else if (!line.thrown().isEmpty()) {
      json.add("exception", line.thrown());
    }
    return json.build().toString();
  }

  /** Foreign text must not forge a record of its own, nor move the cursor of the terminal that shows it. */
  private static String oneLine(String text) {
    StringBuilder b = new StringBuilder(text.length());
    text.lines().map(String::strip).filter(l -> !l.isEmpty())
        .forEach(l -> b.append(b.isEmpty() ? "" : " | ").append(l));
    for (int i = 0; i < b.length(); i++) {
      if (Character.isISOControl(b.charAt(i))) {
        b.setCharAt(i, ' ');
      }
    }
    return b.toString();
  }

  private String thrown(Throwable thrown) {
    if (thrown == null) {
      return "";
    }
    StringWriter trace = new StringWriter();
    if (format == Logs.Format.JSON) {
      thrown.printStackTrace(new PrintWriter(trace));
      return trace.toString().strip();
    }
    Throwable problem = thrown;
    for (int causes = 0; problem != null && causes < MAX_CAUSES; causes++, problem = problem.getCause()) {
      trace.append(causes == 0 ? "" : "caused by ").append(problem.toString()).append('\n');
      StackTraceElement[] frames = problem.getStackTrace();
      for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
        trace.append("at ").append(frames[i].toString()).append('\n');
      }
    }
    return trace.toString();
  }

  @Override
  public void flush() {
    out.flush();
  }

  @Override
  public synchronized void close() {
    repeats.expire(Long.MAX_VALUE, this::writeRepeated);
    out.flush();
  }

  /** @param thrown exception and stack, empty if none */
  record Line(String level, String logger, String message, String thrown) {}
}
