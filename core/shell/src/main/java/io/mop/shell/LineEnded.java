package io.mop.shell;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Knows whether the last line is ended. */
final class LineEnded extends FilterOutputStream {
  private int last = '\n';

  LineEnded(OutputStream out) {
    super(out);
  }

  @Override
  public synchronized void write(int b) throws IOException {
    out.write(b);
    last = b;
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    if (length > 0) {
      last = bytes[offset + length - 1];
    }
  }

  void println(String line) throws IOException {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    write(bytes, 0, bytes.length);
  }

  void endLine() throws IOException {
    if (last != '\n') {
      write('\n');
    }
  }
}
