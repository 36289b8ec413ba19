package io.mop.shell;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** What a command writes to its client; knows whether the last line is ended, and can tell when the client has left. */
final class ClientOutput extends FilterOutputStream {
  /** Name of the session's variable that holds it. */
  static final String VARIABLE = "mop.client";

  private final SocketChannel client;
  private int last = '\n';

  ClientOutput(SocketChannel client) {
    super(Channels.newOutputStream(client));
    this.client = client;
  }

  /** Calls {@code gone} once, on a thread of its own, when the client closes its end, or after the command is done. */
  void onGone(Runnable gone) {
    Thread watch =
        new Thread(
            () -> {
              ByteBuffer ignored = ByteBuffer.allocate(256);
              try {
                // Not through a stream: that would wait for writes on this channel.
                while (client.read(ignored) >= 0) ignored.clear();
              } catch (IOException e) {
                // It is gone, too.
              }
              gone.run();
            },
            "mop-shell-client");
    watch.setDaemon(true);
    watch.start();
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
