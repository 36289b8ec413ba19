package io.mop.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A web server whose status and body length tell the number in the request's path, and which counts its system calls on
 * connections: each of its reads and writes is one.
 */
public final class IdServer {
  private static final int STATUSES = 200;
  private static final int LENGTHS = 1000;
  private static final byte[] BODY = "x".repeat(LENGTHS).getBytes(StandardCharsets.ISO_8859_1);
  private static final AtomicLong CALLS = new AtomicLong();

  private IdServer() {}

  /** 400 to 599, so that no answer is one without a body. */
  static int status(int number) {
    return 400 + number % STATUSES;
  }

  static int length(int number) {
    return number / STATUSES % LENGTHS;
  }

  /** @param args port, file to which the number of calls is written at SIGTERM */
  public static void main(String[] args) throws IOException {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> tell(Path.of(args[1]))));
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 256);
    while (true) {
      SocketChannel channel = server.accept();
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      new Thread(() -> serve(channel)).start();
    }
  }

  private static void tell(Path file) {
    try (PrintStream out = new PrintStream(file.toFile())) {
      out.print(CALLS.get());
    } catch (IOException e) {
      System.err.println(e);
    }
  }

  private static void serve(SocketChannel channel) {
    ByteBuffer in = ByteBuffer.allocateDirect(16 << 10);
    try (channel) {
      while (true) {
        int n = channel.read(in);
        CALLS.incrementAndGet(); // one of 0 bytes, which ends the connection, too
        if (n < 0) return;
        in.flip();
        while (answer(in, channel)) continue;
        in.compact();
      }
    } catch (IOException e) {
      System.err.println(e);
    }
  }

  /** Takes one request and answers it; false if it is not complete. */
  private static boolean answer(ByteBuffer in, SocketChannel out) throws IOException {
    byte[] bytes = new byte[in.remaining()];
    in.get(in.position(), bytes);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n") + 4;
    if (end < 4) return false;
    int at = text.indexOf("\r\nContent-Length: ");
    int body = at < 0 || at > end ? 0 : Integer.parseInt(text.substring(at + 18, text.indexOf('\r', at + 2)));
    if (text.length() < end + body) return false;
    in.position(in.position() + end + body);
    int number = Integer.parseInt(text.substring(text.indexOf('/', text.indexOf('/') + 1) + 1, text.indexOf(" HTTP")));
    String head = "HTTP/1.1 " + status(number) + " -\r\nContent-Length: " + length(number) + "\r\n\r\n";
    ByteBuffer answer = ByteBuffer.allocateDirect(head.length() + length(number));
    answer.put(head.getBytes(StandardCharsets.ISO_8859_1)).put(BODY, 0, length(number)).flip();
    while (answer.hasRemaining()) {
      out.write(answer);
      CALLS.incrementAndGet();
    }
    return true;
  }
}
