package io.mop.launcher;

import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** The process's one log: every {@code System.Logger} and everything printed to standard error ends in it. */
public final class Logs implements AutoCloseable {
  /** How a record is written. */
  public enum Format {
    /** One line: time, level, logger, message. */
    TEXT,
    /** One JSON object a line. */
    JSON
  }

  private final LogHandler handler;
  private final PrintStream stderr;
  private final ScheduledExecutorService sweeper;

  private Logs(LogHandler handler, PrintStream stderr, ScheduledExecutorService sweeper) {
    this.handler = handler;
    this.stderr = stderr;
    this.sweeper = sweeper;
  }

  /**
   * Writes to the present {@code System.err}, and replaces that by a stream whose lines are records of the logger
   * {@code stderr}, until closed.
   */
  public static Logs install(Format format, Level level) {
    Logs logs = beside(format, level);
    System.setErr(
        new PrintStream(new LineStream(System.getLogger("stderr")), true, StandardCharsets.UTF_8));
    return logs;
  }

  /** As {@link #install}, for a command whose messages are for people: what it prints stays as it is. */
  public static Logs beside(Format format, Level level) {
    PrintStream stderr = System.err;
    LogHandler handler = new LogHandler(stderr, format, Clock.systemUTC());
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    for (Handler old : root.getHandlers()) {
      root.removeHandler(old);
    }
    root.addHandler(handler);
    root.setLevel(LogHandler.julLevel(level));
    ScheduledExecutorService sweeper =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "mop-log");
              thread.setDaemon(true);
              return thread;
            });
    sweeper.scheduleWithFixedDelay(handler::sweep, 5, 5, TimeUnit.SECONDS);
    return new Logs(handler, stderr, sweeper);
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
    if (System.err != stderr) {
      System.err.close();
      System.setErr(stderr);
    }
    Logger.getLogger("").removeHandler(handler);
    handler.close();
  }
}
