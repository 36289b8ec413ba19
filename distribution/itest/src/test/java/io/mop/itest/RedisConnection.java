package io.mop.itest;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** One connection to a Redis server on a loopback port. */
final class RedisConnection implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  RedisConnection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) Await.LIMIT.toMillis());
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = socket.getOutputStream();
  }

  /** The words of a command as it goes over the wire. */
  static String command(String... words) {
    StringBuilder b = new StringBuilder("*" + words.length + "\r\n");
    for (String w : words) b.append('$').append(w.length()).append("\r\n").append(w).append("\r\n");
    return b.toString();
  }

  /** Each char is one byte (ISO 8859-1). */
  void send(String bytes) throws IOException {
    out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** The next value, whatever it is, as a text: elements are set apart by blanks. */
  String read() throws IOException {
    String header = line();
    String rest = header.substring(1);
    return switch (header.charAt(0)) {
      case '$', '=' -> string(Integer.parseInt(rest));
      case '*', '~', '>' -> values(Integer.parseInt(rest));
      case '%' -> values(2 * Integer.parseInt(rest));
      default -> header;
    };
  }

  private String string(int length) throws IOException {
    if (length < 0) return "nothing";
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    line();
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String values(int n) throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < n; i++) all.append(i > 0 ? " " : "").append(read());
    return all.toString();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) if (b != '\r') line.append((char) b);
    return line.toString();
  }

  String call(String... words) throws IOException {
    send(command(words));
    return read();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
