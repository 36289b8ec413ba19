package io.mop.bpf;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A keep-alive connection that remembers every byte of both directions. */
final class HttpClient implements AutoCloseable {
  private final Socket socket;
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  HttpClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
  }

  HttpClient get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  HttpClient exchange(String request) throws IOException {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    socket.getOutputStream().write(bytes);
    sent.write(bytes);
    read();
    return this;
  }

  private void read() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) throw new EOFException("in the head: " + head);
      received.write(b);
      head.append((char) b);
    }
    int at = head.indexOf("Content-Length: ") + 16;
    byte[] body = in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r", at))));
    received.write(body);
  }

  byte[] sent() {
    return sent.toByteArray();
  }

  byte[] received() {
    return received.toByteArray();
  }

  int port() {
    return socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
