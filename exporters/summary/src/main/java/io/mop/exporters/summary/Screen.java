package io.mop.exporters.summary;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Where the table is drawn; in place with the control sequences of ECMA-48, which every terminal in use knows. To draw
 * takes as long as the reader wants: a pipe may be full, and a terminal be stopped by Ctrl-S.
 */
final class Screen {
  private static final String ESC = "\u001b[";

  private final PrintStream out;
  private final boolean redraw;
  private final Duration patience;
  private int lines; // of the table on the terminal
  private boolean ended;

  /** @param patience with a reader who does not take the last table */
  Screen(PrintStream out, boolean redraw, Duration patience) {
    this.out = out;
    this.redraw = redraw;
    this.patience = patience;
  }

  boolean redraws() {
    return redraw;
  }

  synchronized void draw(List<String> table) {
    if (!ended) write(table);
  }

  /** Draws the last table; false if the reader does not take it in time. */
  boolean end(List<String> table) {
    Thread writer = new Thread(() -> last(table), "mop-summary-last");
    writer.setDaemon(true);
    writer.start();
    try {
      writer.join(patience.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !writer.isAlive();
  }

  private synchronized void last(List<String> table) {
    ended = true;
    write(table);
  }

  private void write(List<String> table) {
    StringBuilder s = new StringBuilder();
    if (redraw) {
      if (lines > 0) s.append(ESC).append(lines).append('A');
      // Up to the end of the screen is erased. No line may wrap, or the next drawing would begin too low.
      s.append('\r').append(ESC).append('J').append(ESC).append("?7l");
    } else {
      s.append('\n');
    }
    for (String line : table) s.append(line).append('\n');
    if (redraw) s.append(ESC).append("?7h");
    lines = table.size();
    byte[] bytes = s.toString().getBytes(StandardCharsets.UTF_8);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }

  /** True if standard output is a terminal; {@code System.console()} wants standard input to be one too. */
  static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      boolean device = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
      return device && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }
}
