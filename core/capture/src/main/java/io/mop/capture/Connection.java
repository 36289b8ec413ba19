package io.mop.capture;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import io.mop.capture.Counters.Plain;
import java.util.List;

/** One socket of an observed process: what is read of it, which protocol it speaks, and what is open on it. */
final class Connection extends ObservedSocket {
  private final Sniffer sniffer;
  /** Of what is decoded: of the socket's bytes, or of the plaintext of a TLS library. */
  private Positions positions;
  private InFlight inFlight;
  private final ByteStream[] streams;
  private final boolean[] aligned = new boolean[2];
  private final Site site;
  private boolean decoded;
  private String lastLoss = "";

  /** The protocol and its decoder; null while undecided, and after it left. */
  private NamedProtocol protocol;
  private Decoder decoder;
  private Text protocolName = Text.of("");
  private boolean server;
  private boolean gone;
  private boolean readToEnd;
  /** Bytes that were counted as given to no decoder. */
  private long unread;
  private long lastTime = Long.MIN_VALUE;
  private boolean afterSilence;
  /** The request stream's unread bytes begin where pairing may go on, if a message begins there. */
  private boolean resuming;
  private boolean responseUnderWay;

  private final Hold hold = new Hold();
  private boolean ended;
  private boolean endWaits;
  private long endTime;

  Connection(long id, Shared shared, Policies policies) {
    super(id, shared, policies);
    positions = carrier.positions();
    sniffer = new Sniffer(shared.counters());
    inFlight = new InFlight(this, shared);
    int limit = shared.limits().streamBytes();
    streams = new ByteStream[] {new ByteStream(shared.buffers(), limit), new ByteStream(shared.buffers(), limit)};
    site = new Site(streams, positions);
  }

  /** Whether a decoder has ever read it. */
  boolean decoded() {
    return decoded;
  }

  /** What it is without a decoder: what it was recognised as, or was read as before. */
  String unreadAs() {
    return decoded ? protocolName.toString() : edge.found().kind().key;
  }

  /** The protocol whose decoder reads it, or did to its end; empty if none does. */
  String reader() {
    return decoder == null && !readToEnd ? "" : protocolName.toString();
  }

  /** Unread bytes of a direction. */
  int unread(int dir) {
    return streams[dir].length();
  }

  LiveConnection live() {
    return LiveConnection.of(this, shared.edges(), inFlight, sniffer.failure(), lastLoss, !gone);
  }

  boolean server() {
    return server;
  }

  /** Time of the last record, or of the first sight. */
  long lastTime() {
    return Math.max(Math.max(lastTime, carrier.lastTime()), edge.since());
  }

  Site site() {
    return site;
  }

  Text protocolName() {
    return protocolName;
  }

  boolean responseUnderWay() {
    return responseUnderWay;
  }

  boolean held() {
    return hold.on() && !gone;
  }

  private int requestDir() {
    return server ? Record.RECV : Record.SEND;
  }

  private Direction direction(int dir) {
    return dir == requestDir() ? Direction.REQUEST : Direction.RESPONSE;
  }

  /** An OPEN record. */
  void open(Record r) {
    edge.at(r.ts());
    positions.opened();
    ends.open(r, shared.processes());
    if (ends.listening()) sniffer.server();
  }

  /** A DATA or CONT record, or one of the two of plaintext. */
  void data(Record r, List<NamedProtocol> protocols) {
    if (cipher(r)) return;
    arrived(r);
    follow(r, protocols);
    if (!decoded) edge.see(r, ends.process(), shared.edges());
    long bytes = r.len() & 0xffffffffL;
    shared.counters().passed(bytes, decoder == null ? unreadAs() : "");
    if (decoder == null) unread += bytes;
  }

  /** True if the record is done with: from the first plaintext on the socket's bytes only count. */
  private boolean cipher(Record r) {
    if (r.plain() && !secure()) toPlaintext();
    if (r.plain() || !secure()) return false;
    ends.at(r, shared.processes());
    // What passed unseen on the socket may have been plaintext that nobody saw either.
    if (carrier.follow(r).equals(Counters.BYTES_MISSING)) lost(Counters.BYTES_MISSING, false);
    return true;
  }

  /** What was taken of the connection so far was ciphertext, or what led to it. */
  private void toPlaintext() {
    if (unread > 0) shared.counters().add(Counters.BYTES_UNREAD, unreadAs(), -unread); // a handshake hides nothing
    unread = 0;
    // It was left for what is read now.
    if (!inFlight.left().isEmpty()) shared.counters().add(Counters.CONNECTIONS_LEFT, inFlight.left(), -1);
    decoded = false;
    drop(Counters.LEFT);
    carrier.ignore();
    positions = new Positions();
    inFlight = new InFlight(this, shared);
    lastTime = Long.MIN_VALUE;
    sniffer.restart();
    edge.restart();
    site.plaintext();
  }

  private void follow(Record r, List<NamedProtocol> protocols) {
    if (!inFlight.left().isEmpty()) return;
    int dir = r.dir();
    if (decoder == null && !sniffer.wants(dir) && streams[dir].length() == 0) return;
    if (decoder != null && dir == requestDir()) {
      if (hold.on() && Positions.startsAfter(r, hold.until())) release();
      if (!inFlight.left().isEmpty()) return;
    }
    if (!hold.on()) turn(1 - dir);
    if (decoder != null && dir == requestDir() && !inFlight.synced() && !resuming) asking();
    boolean request = decoder != null && dir == requestDir();
    if (!streams[dir].append(r, positions.begins())) {
      lost(Counters.STREAM_FULL, decoder != null && !request);
      return;
    }
    if (decoder == null) {
      decide(dir, r, protocols);
    } else if (request) {
      decode(dir);
      if (hold.on() && positions.reached(dir, hold.until())) release();
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
    ends.at(r, shared.processes());
    afterSilence = lastTime != Long.MIN_VALUE && r.ts() - lastTime >= shared.limits().quiet().toNanos();
    lastTime = r.ts();
    site.arrived(r);
    if (!decoded) edge.at(lastTime);
    if (r.bytes()) shared.counters().add(Plain.BYTES_CUT, (r.len() & 0xffffffffL) - r.cap());
    String loss = positions.follow(r, shared.counters());
    responseUnderWay = r.dir() == requestDir() && positions.underWay(r);
    if (loss.isEmpty()) return;
    edge.gap();
    lost(loss, positions.intact(requestDir()));
  }

  /**
   * A request record while pairing is off. What is unread or half read of either direction may be the rest of a body
   * that looks like a message: where the sides take turns both directions start anew, and pairing with them if it may.
   */
  private void asking() {
    boolean turned = positions.turned() && !hold.on();
    boolean turn = turned && inFlight.takesTurns(afterSilence);
    boolean resumable = turn && inFlight.responded() && streams[1 - requestDir()].length() == 0;
    inFlight.asking(turned);
    if (!turn) return;
    realign();
    resuming = resumable;
  }

  private void response(int dir, Record r) {
    int until = Positions.opposite(r);
    boolean waits = positions.underWay(r) || !positions.knowsOpposite(r);
    if (!hold.on() && (!waits || hold.inVain(until))) decode(dir);
    else if (hold.waitFor(until)) shared.counters().add(Plain.RESPONSES_HELD, 1);
  }

  /** At the end of a drain: a response whose request does not come is on its own. */
  void drained() {
    if (hold.drained()) release();
  }

  private void release() {
    hold.end();
    int dir = 1 - requestDir();
    decode(dir);
    if (endWaits) {
      endWaits = false;
      end(dir, endTime);
    }
  }

  /** An EOF or TLS_END record: the peer sends no more. */
  void eof(Record r) {
    if (!cipher(r)) arrived(r);
    edge.peerEnds();
    if (ended || decoder == null) return;
    ended = true;
    if (hold.on() && requestDir() == Record.SEND) {
      endWaits = true;
      endTime = r.ts();
    } else {
      end(Record.RECV, r.ts());
    }
  }

  /** A CLOSE record; the connection is not used again. */
  void closed(Record r) {
    if (hold.on()) release();
    if (decoder != null && !carrier.positions().sendIncomplete(r)) end(Record.SEND, r.ts());
    edge.closed(r);
    lastTime = r.ts();
    end(Counters.CONNECTION_CLOSED);
  }

  /** Ends what is open; the connection is not used again. */
  void end(String reason) {
    if (!decoded) shared.edges().ended(this);
    gone = true;
    readToEnd = decoder != null;
    drop(reason);
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
      site.known(ends, server, found.protocol().measure(server));
      decoder = found.protocol().open(inFlight);
      decoded = true;
      if (!server) shared.spans().links().opened(this);
      edge.forget();
      boolean all = found.protocol().window() == Protocol.Window.ALL;
      Policy wanted = all ? Policy.FULL : server ? Policy.HEADS_OF_SERVER : Policy.HEADS_OF_CLIENT;
      carrier.want(wanted, found.protocol());
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
    site.decoding(dir);
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
      carrier.want(Policy.FULL); // what was left out may have been needed
      lost(Counters.CUT, d == Direction.RESPONSE);
    } catch (Throwable t) {
      failed(t);
    } finally {
      site.decoding(-1);
    }
  }

  private void leave() {
    shared.counters().add(Counters.CONNECTIONS_LEFT, inFlight.left());
    drop(Counters.LEFT);
    carrier.want(Policy.HEADER_ONLY);
  }

  /** Bytes are missing or cannot be followed: nothing is paired across. */
  private void lost(String reason, boolean requestIntact) {
    clear();
    lastLoss = reason;
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
    hold.end();
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
    drop(reason);
    carrier.want(Policy.FULL);
  }

  private void drop(String reason) {
    inFlight.endAll(reason);
    if (protocol != null && !server) shared.spans().links().closed(this);
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
    if (!hold.on()) decode(1 - requestDir());
  }
}
