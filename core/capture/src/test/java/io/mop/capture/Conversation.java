package io.mop.capture;

import java.util.ArrayDeque;
import java.util.Random;

/**
 * A model of one connection: a client and a server that exchange numbered messages in order, up to {@code depth} at a
 * time, cut into records at random; records are dropped, bytes pass unseen, payloads are cut, sends are recorded late.
 */
final class Conversation {
  private static final int MAX_PIECE = 40;

  private final Wire wire;
  private final Random random;
  private final boolean server;
  private final int depth;
  private final double drops;
  private final ArrayDeque<Integer> open = new ArrayDeque<>();
  private final StringBuilder requests = new StringBuilder();
  private int sent;
  int dropped;
  int unseen;
  private boolean exact = true;
  /** Whether a client that takes turns may be recorded sending after the answer. */
  boolean late = true;

  Conversation(Wire wire, Random random, boolean server, int depth, double drops) {
    this.wire = wire;
    this.random = random;
    this.server = server;
    this.depth = depth;
    this.drops = drops;
  }

  /** Runs {@code n} exchanges; a connection is seen from its start, and one that pipelines shows it at once. */
  void run(int n) {
    if (server) wire.openServer();
    else wire.openClient();
    for (int i = 0; i < Math.min(2, depth); i++) request();
    flush();
    respond();
    exact = false;
    while (sent < n || !open.isEmpty()) {
      boolean mayAsk = sent < n && open.size() < depth;
      if (open.isEmpty() && random.nextInt(8) == 0) wire.later(1_500_000_000L);
      if (mayAsk && (open.isEmpty() || random.nextBoolean())) {
        request();
        if (depth == 1 || random.nextInt(3) > 0) flush();
      } else {
        flush();
        respond();
      }
    }
  }

  private void request() {
    int id = sent++;
    open.add(id);
    requests.append(message('Q', id));
  }

  private void flush() {
    pieces(requests.toString(), server ? Record.RECV : Record.SEND);
    requests.setLength(0);
  }

  private void respond() {
    int id = open.poll();
    String response = message('R', id);
    if (!server && depth == 1 && random.nextInt(10) == 0 && sent > 1 && late) {
      // the next request is sent and answered before its record is written
      pieces(response, Record.RECV);
      int next = sent++;
      wire.lateSend(Wire.bytes(message('Q', next)), () -> pieces(message('R', next), Record.RECV));
      return;
    }
    pieces(response, server ? Record.SEND : Record.RECV);
  }

  private String message(char kind, int id) {
    int body = random.nextInt(3) == 0 ? random.nextInt(200) : 0;
    return kind + "m" + id + " " + body + "\n" + "x".repeat(body);
  }

  private void pieces(String bytes, int dir) {
    boolean whole = random.nextInt(4) == 0;
    for (int at = 0; at < bytes.length(); ) {
      int n = whole ? bytes.length() : Math.min(bytes.length() - at, 1 + random.nextInt(MAX_PIECE));
      String piece = bytes.substring(at, at + n);
      at += n;
      if (!exact && random.nextDouble() < drops) {
        dropped++;
        wire.lose(dir, n);
        continue;
      }
      // one received byte without a record is a FIN
      if (!exact && n > 1 && random.nextDouble() < drops / 4) {
        unseen++;
        wire.unseen(dir, n);
        continue;
      }
      int body = piece.indexOf('x');
      boolean tail = body >= 0 && piece.substring(body).chars().allMatch(b -> b == 'x') && random.nextBoolean();
      int cap = tail ? body : n;
      if (!exact && drops > 0 && random.nextDouble() < drops / 4) cap = random.nextInt(n + 1);
      if (dir == Record.RECV) wire.recv(Wire.bytes(piece), cap);
      else wire.send(Wire.bytes(piece), cap);
    }
  }
}
