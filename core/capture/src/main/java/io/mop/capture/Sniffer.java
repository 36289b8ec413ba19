package io.mop.capture;

import io.mop.api.capture.Protocol;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.capture.Counters.Plain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/** Finds out which protocol a connection speaks, and which end the process is, if its port does not tell. */
final class Sniffer {
  private static final Logger LOG = System.getLogger("io.mop.capture");
  /** Bytes without an answer that count as a no. */
  private static final int ENOUGH = 16 << 10;
  /** Records that are looked at one after the other; later only those that turn the direction. */
  private static final int TRIES = 16;

  private final Counters counters;
  private boolean serverByPort;
  private boolean server;
  private int tries;
  private int lastDir = -1;
  private List<Protocol> excluded = List.of();
  private String failure = "";

  Sniffer(Counters counters) {
    this.counters = counters;
  }

  /** The process listens on the local port. */
  void server() {
    serverByPort = true;
  }

  /** Which protocol failed last on this connection and how; empty if none did. */
  String failure() {
    return failure;
  }

  boolean isServer() {
    return server;
  }

  /**
   * Never asks {@code p} again. Logs the first failure of a protocol with its stack, then the 2nd, 4th, 8th and so on
   * without: a decoder may fail on every connection.
   */
  void failed(NamedProtocol p, Throwable t) {
    excluded = concat(excluded, p.protocol());
    failure = p.name() + ": " + t.getClass().getName(); // its message may hold bytes of the connection
    long n = counters.add(Counters.DECODER_FAILURES, p.name());
    String protocol = "protocol " + p.name();
    if (n == 1) {
      LOG.log(Level.WARNING, protocol + " failed on a connection and is not used on it", t);
    } else if (Long.bitCount(n) == 1) {
      LOG.log(Level.WARNING, protocol + " has failed on connections " + n + " times, the last: " + t);
    }
  }

  private static List<Protocol> concat(List<Protocol> list, Protocol one) {
    return java.util.stream.Stream.concat(list.stream(), java.util.stream.Stream.of(one)).toList();
  }

  /** Other protocols are in use. */
  void restart() {
    excluded = List.of();
    tries = 0;
  }

  /** Whether a record of this direction is worth a look. */
  boolean wants(int dir) {
    boolean turn = dir != lastDir;
    lastDir = dir;
    return tries < TRIES || turn;
  }

  /** The protocol that recognises the bytes, or null; bytes that none recognises are consumed. */
  NamedProtocol sniff(ByteStream in, int dir, List<NamedProtocol> protocols) {
    boolean maybe = false;
    for (NamedProtocol p : protocols) {
      if (excluded.contains(p.protocol())) continue;
      for (Direction d : Direction.values()) {
        boolean asServer = d == Direction.REQUEST == (dir == Record.RECV);
        if (serverByPort && !asServer) continue;
        Guess guess = ask(p, in, d);
        if (guess == Guess.YES) {
          server = asServer;
          tries = 0;
          return p;
        }
        maybe |= guess == Guess.MAYBE;
      }
    }
    if (maybe && in.length() < ENOUGH) return null;
    in.clear();
    if (++tries == TRIES) counters.add(Plain.CONNECTIONS_UNCLASSIFIED, 1);
    if (tries > TRIES) tries = TRIES + 1;
    return null;
  }

  private Guess ask(NamedProtocol p, ByteStream in, Direction d) {
    int before = in.length();
    try {
      Guess guess = p.protocol().sniff(in, d);
      if (in.length() == before) return guess;
      throw new IllegalStateException("sniff must not consume");
    } catch (Exception | LinkageError | StackOverflowError e) {
      failed(p, e);
      return Guess.NO;
    }
  }
}
