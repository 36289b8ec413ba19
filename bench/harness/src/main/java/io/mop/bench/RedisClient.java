package io.mop.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection to a Redis server. */
final class RedisClient implements AutoCloseable {
  private static final byte[] PING = "*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.ISO_8859_1);
  private static final String PONG = "+PONG\r\n";

  private final Socket socket;

  RedisClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
  }

  /** One command and its reply. */
  void ping() throws IOException {
    socket.getOutputStream().write(PING);
    String reply = new String(socket.getInputStream().readNBytes(PONG.length()), StandardCharsets.ISO_8859_1);
    if (!reply.equals(PONG)) throw new EOFException("the answer to PING is " + reply);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
