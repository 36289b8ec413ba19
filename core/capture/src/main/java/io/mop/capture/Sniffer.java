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

  Sniffer(Counters counters) {
    this.counters = counters;
  }

  /** The process listens on the local port. */
  void server() {
    serverByPort = true;
  }

  boolean isServer() {
    return server;
  }

  /** Never asks {@code failed} again. */
  void exclude(Protocol failed) {
    excluded = concat(excluded, failed);
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
      counters.add(Counters.DECODER_FAILURES, p.name());
      LOG.log(Level.WARNING, "protocol " + p.name() + " failed on a connection and is not used on it", e);
      exclude(p.protocol());
      return Guess.NO;
    }
  }
}
