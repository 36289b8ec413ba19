package io.mop.bpf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/** Messages of HTTP/1 in one direction, any by their number, and which of their bytes a decoder must see. */
final class HttpMessages {
  private final Random random;
  private final boolean requests;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final BitSet framing = new BitSet();

  private HttpMessages(long seed, boolean requests) {
    random = new Random(seed);
    this.requests = requests;
  }

  static HttpMessages of(long seed, boolean requests, int messages) {
    HttpMessages all = new HttpMessages(seed, requests);
    for (int i = 0; i < messages; i++) all.message();
    return all;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** Offsets of bytes that no length tells how to skip. */
  BitSet framing() {
    return framing;
  }

  /** The same bytes in pieces, of which a call takes one or several. */
  List<ByteBuffer[]> calls() {
    byte[] bytes = bytes();
    List<ByteBuffer[]> calls = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      ByteBuffer[] pieces = new ByteBuffer[random.nextInt(3) == 0 ? 1 + random.nextInt(12) : 1];
      for (int i = 0; i < pieces.length; i++) {
        int n = Math.min(bytes.length - at, size(random, pieces.length == 1 ? 100_000 : 9_000));
        int head = framing.nextClearBit(at) - at;
        if (random.nextInt(3) == 0 && head < bytes.length - at) n = head; // as servers do that write heads by themselves
        pieces[i] = ByteBuffer.wrap(bytes, at, n);
        at += n;
      }
      calls.add(pieces);
    }
    return calls;
  }

  /** More often small than large. */
  static int size(Random random, int most) {
    return random.nextInt(1 + random.nextInt(most));
  }

  private void message() {
    switch (random.nextInt(6)) {
      case 0, 1 -> sized(size(random, 60_000));
      case 2 -> chunked();
      case 3 -> framing(start() + "Content-Length: 0\r\n\r\n");
      case 4 -> none();
      default -> sized(5_000 + random.nextInt(80_000));
    }
  }

  private String start() {
    String request = random.nextBoolean() ? "PUT / HTTP/1.1" : "POST /some/path HTTP/1.0";
    return (requests ? request : "HTTP/1.1 200 OK") + "\r\nServer: x\r\nX-Long: " + "y".repeat(size(random, random.nextInt(8) == 0 ? 3_000 : 300)) + "\r\n";
  }

  private void sized(int n) {
    framing(start() + (random.nextBoolean() ? "Content-Length: " : "content-length:") + n + "\r\n\r\n");
    body(n);
  }

  private void chunked() {
    framing(start() + "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = random.nextInt(8); i > 0; i--) {
      int n = 1 + size(random, 40_000);
      framing(Integer.toHexString(n) + "\r\n");
      body(n);
      framing("\r\n");
    }
    framing(random.nextBoolean() ? "0\r\n\r\n" : "0\r\nX-Trailer: z\r\n\r\n");
  }

  /** No body, whatever the head says: only who knows the request can tell. */
  private void none() {
    if (requests) framing("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    else if (random.nextBoolean()) framing("HTTP/1.1 304 Not Modified\r\nContent-Length: 50000\r\n\r\n");
    else framing(start() + "Content-Length: 70000\r\n\r\n"); // answers HEAD
  }

  private void framing(String text) {
    framing.set(out.size(), out.size() + text.length());
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Looks like messages here and there. */
  private void body(int n) {
    StringBuilder text = new StringBuilder();
    while (text.length() < n) {
      text.append(random.nextInt(20) == 0 && text.length() > 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n" : "body ");
    }
    out.writeBytes(text.substring(0, n).getBytes(StandardCharsets.ISO_8859_1));
  }
}
