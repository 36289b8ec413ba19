package io.mop.capture;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import io.mop.capture.Counters.Plain;
import java.util.List;

/** One socket of an observed process: what was seen of it, which protocol it speaks, and what is open on it. */
final class Connection {
  /** Drains that a response waits for its request: the record may just have missed the first. */
  private static final int HOLD_DRAINS = 2;

  final long id;
  Connection older;
  Connection newer;

  private final Shared shared;
  private final Sniffer sniffer;
  private final Positions positions = new Positions();
  private final InFlight inFlight;
  private final ByteStream[] streams;
  private final boolean[] aligned = new boolean[2];
  private boolean opened;
  private Resource resource;
  private Endpoint local = Endpoint.UNKNOWN;
  private Endpoint remote = Endpoint.UNKNOWN;

  /** The protocol and its decoder; null while undecided, and after it left. */
  private NamedProtocol protocol;
  private Decoder decoder;
  private Text protocolName = Text.of("");
  private boolean server;
  private boolean gone;
  private long lastTime = Long.MIN_VALUE;
  private boolean afterSilence;
  /** The request stream's unread bytes begin where pairing may go on, if a message begins there. */
  private boolean resuming;
  private boolean responseUnderWay;

  /** The response stream waits for request bytes up to {@link #heldUntil}, which another record announced. */
  private boolean held;
  /** Whether the capture looks after this connection at the end of a drain. */
  boolean listed;
  private int heldUntil;
  private int heldDrains;
  private boolean gaveUp;
  private int gaveUpTo;
  private boolean ended;
  private boolean endWaits;
  private long endTime;

  Connection(long id, Shared shared) {
    this.id = id;
    this.shared = shared;
    sniffer = new Sniffer(shared.counters());
    inFlight = new InFlight(this, shared);
    int limit = shared.limits().streamBytes();
    streams = new ByteStream[] {new ByteStream(shared.buffers(), limit), new ByteStream(shared.buffers(), limit)};
  }

  Resource resource() {
    return resource;
  }

  Endpoint local() {
    return local;
  }

  Endpoint remote() {
    return remote;
  }

  boolean server() {
    return server;
  }

  Text protocolName() {
    return protocolName;
  }

  boolean responseUnderWay() {
    return responseUnderWay;
  }

  boolean held() {
    return held && !gone;
  }

  private int requestDir() {
    return server ? Record.RECV : Record.SEND;
  }

  private Direction direction(int dir) {
    return dir == requestDir() ? Direction.REQUEST : Direction.RESPONSE;
  }

  /** An OPEN record: whose the connection is. */
  void open(Record r) {
    if (opened) return;
    opened = true;
    int tgid = r.openTgid();
    int family = r.openShort(Record.OPEN_FAMILY);
    byte[] address = new byte[16];
    r.payload(Record.OPEN_LOCAL, address, 0, 16);
    local = Endpoint.of(family, address, r.openShort(Record.OPEN_LOCAL_PORT));
    r.payload(Record.OPEN_REMOTE, address, 0, 16);
    remote = Endpoint.of(family, address, r.openShort(Record.OPEN_REMOTE_PORT));
    resource = shared.processes().resource(tgid);
    if (local.known() && shared.processes().listens(tgid, local.port())) sniffer.server();
  }

  /** A DATA or CONT record. */
  void data(Record r, List<NamedProtocol> protocols) {
    arrived(r);
    if (!inFlight.left().isEmpty()) return;
    int dir = r.dir();
    if (decoder == null && !sniffer.wants(dir) && streams[dir].length() == 0) return;
    if (decoder != null && dir == requestDir()) {
      if (held && Positions.startsAfter(r, heldUntil)) release();
      if (!inFlight.left().isEmpty()) return;
    }
    if (!held) turn(1 - dir);
    if (decoder != null && dir == requestDir() && !inFlight.synced() && !resuming) asking();
    boolean request = decoder != null && dir == requestDir();
    if (!streams[dir].append(r)) {
      lost(Counters.STREAM_FULL, decoder != null && !request);
      return;
    }
    if (decoder == null) {
      decide(dir, r, protocols);
    } else if (request) {
      decode(dir);
      if (held && positions.reached(dir, heldUntil)) release();
    } else {
      response(dir, r);
    }
  }

  /** What might have been the start of a message, but had no end when the other side spoke, was none. */
  private void turn(int other) {
    if (aligned[other] || streams[other].length() == 0) return;
    streams[other].clear();
    if (other == requestDir()) resuming = false;
    if (decoder != null && other != requestDir() && inFlight.size() > 0) lost(Counters.UNSYNCHRONISED, true);
  }

  /** Sequence, positions and time of a record. */
  private void arrived(Record r) {
    if (resource == null) resource = shared.processes().resource(shared.processes().tgid(r.tid()));
    afterSilence = lastTime != Long.MIN_VALUE && r.ts() - lastTime >= shared.limits().quiet().toNanos();
    lastTime = r.ts();
    if (r.bytes()) shared.counters().add(Plain.BYTES_CUT, (r.len() & 0xffffffffL) - r.cap());
    String loss = positions.follow(r, shared.counters());
    responseUnderWay = r.dir() == requestDir() && positions.underWay(r);
    if (!loss.isEmpty()) lost(loss, positions.intact(requestDir()));
  }

  /**
   * A request record while pairing is off. What is unread or half read of either direction may be the rest of a body
   * that looks like a message: where the sides take turns both directions start anew, and pairing with them if it may.
   */
  private void asking() {
    boolean turned = positions.turned() && !held;
    boolean turn = turned && inFlight.takesTurns(afterSilence);
    boolean resumable = turn && inFlight.responded() && streams[1 - requestDir()].length() == 0;
    inFlight.asking(turned);
    if (!turn) return;
    realign();
    resuming = resumable;
  }

  private void response(int dir, Record r) {
    boolean givenUp = gaveUp && Positions.opposite(r) - gaveUpTo <= 0;
    boolean waits = positions.underWay(r) || !positions.knowsOpposite(r);
    if (held || waits && !givenUp) hold(Positions.opposite(r));
    else decode(dir);
  }

  private void hold(int until) {
    if (!held) {
      held = true;
      heldUntil = until;
      heldDrains = 0;
      shared.counters().add(Plain.RESPONSES_HELD, 1);
    } else if (until - heldUntil > 0) {
      heldUntil = until;
    }
  }

  /** At the end of a drain: a response whose request does not come is on its own. */
  void drained() {
    if (++heldDrains < HOLD_DRAINS) return;
    gaveUp = true;
    gaveUpTo = heldUntil;
    release();
  }

  private void release() {
    held = false;
    int dir = 1 - requestDir();
    decode(dir);
    if (endWaits) {
      endWaits = false;
      end(dir, endTime);
    }
  }

  /** An EOF record: the peer sends no more. */
  void eof(Record r) {
    arrived(r);
    if (ended || decoder == null) return;
    ended = true;
    if (held && requestDir() == Record.SEND) {
      endWaits = true;
      endTime = r.ts();
    } else {
      end(Record.RECV, r.ts());
    }
  }

  /** A CLOSE record; the connection is not used again. */
  void closed(Record r) {
    if (held) release();
    if (decoder != null && !positions.sendIncomplete(r)) end(Record.SEND, r.ts());
    end(Counters.CONNECTION_CLOSED);
  }

  /** Ends what is open; the connection is not used again. */
  void end(String reason) {
    gone = true;
    inFlight.endAll(reason);
    clear();
    decoder = null;
    protocol = null;
  }

  private void end(int dir, long time) {
    if (!aligned[dir] || decoder == null) return;
    try {
      decoder.end(direction(dir), time);
      if (!inFlight.left().isEmpty()) leave();
    } catch (Throwable t) {
      failed(t);
    }
  }

  private void decide(int dir, Record r, List<NamedProtocol> protocols) {
    NamedProtocol found = sniffer.sniff(streams[dir], dir, protocols);
    if (found == null) return;
    server = sniffer.isServer();
    inFlight.reset();
    if (!start(found)) return;
    if (dir == requestDir()) decode(dir);
    else response(dir, r);
  }

  private boolean start(NamedProtocol found) {
    aligned[0] = aligned[1] = false;
    protocol = found;
    protocolName = Text.of(found.name());
    try {
      decoder = found.protocol().open(inFlight);
      return true;
    } catch (Throwable t) {
      failed(t);
      return false;
    }
  }

  private void decode(int dir) {
    Direction d = direction(dir);
    ByteStream in = streams[dir];
    if (decoder == null || in.length() == 0) return;
    try {
      if (!aligned[dir]) {
        int before = in.length();
        boolean found = decoder.resync(d, in);
        boolean moved = in.length() < before;
        if (d == Direction.RESPONSE && moved && inFlight.size() > 0) {
          lost(Counters.UNSYNCHRONISED, true);
          return;
        }
        if (d == Direction.REQUEST && (found || moved)) {
          if (resuming && found && !moved) inFlight.resume();
          resuming = false;
        }
        if (!found) return;
        aligned[dir] = true;
      }
      if (in.length() > 0) decoder.decode(d, in);
      if (!inFlight.left().isEmpty()) leave();
    } catch (Stream.Gap e) {
      lost(Counters.CUT, d == Direction.RESPONSE);
    } catch (Throwable t) {
      failed(t);
    }
  }

  private void leave() {
    shared.counters().add(Counters.CONNECTIONS_LEFT, inFlight.left());
    inFlight.endAll(Counters.LEFT);
    decoder = null;
    protocol = null;
    clear();
  }

  /** Bytes are missing or cannot be followed: nothing is paired across. */
  private void lost(String reason, boolean requestIntact) {
    clear();
    inFlight.lost(reason, requestIntact);
    if (decoder == null) return;
    shared.counters().add(Counters.RESYNCS, reason);
    realign();
  }

  private void realign() {
    clear();
    aligned[0] = aligned[1] = false;
    try {
      decoder.resync(Direction.REQUEST, streams[requestDir()]);
      decoder.resync(Direction.RESPONSE, streams[1 - requestDir()]);
    } catch (Throwable t) {
      failed(t);
    }
  }

  private void clear() {
    streams[0].clear();
    streams[1].clear();
    held = false;
    endWaits = false;
    resuming = false;
  }

  /** A decoder's fault is the decoder's: the connection goes on without this protocol. */
  private void failed(Throwable t) {
    if (t instanceof VirtualMachineError e && !(t instanceof StackOverflowError)) throw e;
    sniffer.failed(protocol, t);
    undecide(Counters.DECODER_FAILED);
  }

  private void undecide(String reason) {
    inFlight.endAll(reason);
    decoder = null;
    protocol = null;
    clear();
  }

  /** Other protocols are in use: goes on with a replaced one from the bytes not read yet, without a removed one. */
  void protocols(List<NamedProtocol> now) {
    sniffer.restart();
    if (protocol == null) return;
    for (NamedProtocol p : now) {
      if (!p.name().equals(protocol.name())) continue;
      if (p.protocol() != protocol.protocol()) reopen(p);
      return;
    }
    undecide(Counters.PROTOCOL_REPLACED);
  }

  private void reopen(NamedProtocol successor) {
    inFlight.replaced(Counters.PROTOCOL_REPLACED);
    if (!start(successor)) return;
    decode(requestDir());
    if (!held) decode(1 - requestDir());
  }
}
