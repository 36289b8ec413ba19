package io.mop.itest;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One keep-alive HTTP/1.1 connection to a loopback port. */
final class HttpConnection implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  HttpConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) Await.LIMIT.toMillis());
    in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * Sends a request and reads the answer to its end.
   *
   * @param headers lines that end in CRLF
   * @return the status
   */
  int exchange(String method, String path, String headers, byte[] body) throws IOException {
    String length = body.length > 0 ? "Content-Length: " + body.length + "\r\n" : "";
    String head = method + " " + path + " HTTP/1.1\r\nHost: itest\r\n" + headers + length + "\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().write(body);
    int status = Integer.parseInt(line().split(" ")[1]);
    long left = 0;
    boolean chunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) left = Long.parseLong(header.substring(15).strip());
      if (header.startsWith("transfer-encoding:")) chunked = header.endsWith("chunked");
    }
    if (method.equals("HEAD")) return status;
    if (chunked != headers.contains("gzip")) throw new IOException(path + " came chunked: " + chunked);
    if (chunked) skipChunks();
    else in.skipNBytes(left);
    return status;
  }

  private void skipChunks() throws IOException {
    while (true) {
      int size = Integer.parseInt(line(), 16);
      in.skipNBytes(size);
      line();
      if (size == 0) return;
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) throw new EOFException("the server closed the connection");
      if (b != '\r') line.append((char) b);
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
