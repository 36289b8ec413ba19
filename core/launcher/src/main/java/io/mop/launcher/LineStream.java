package io.mop.launcher;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;

/** Turns each line written to it into a log record: for libraries that print. */
final class LineStream extends OutputStream {
  private static final int LONGEST = 16 << 10;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final Logger log;

  LineStream(Logger log) {
    this.log = log;
  }

  @Override
  public synchronized void write(int b) {
    if (b == '\n' || line.size() == LONGEST) {
      end();
    }
    if (b != '\n') {
      line.write(b);
    }
  }

  private void end() {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    line.reset();
    if (!text.isEmpty()) {
      log.log(Level.WARNING, text);
    }
  }

  @Override
  public synchronized void close() {
    end();
  }
}
