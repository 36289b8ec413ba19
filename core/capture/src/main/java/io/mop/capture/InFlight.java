package io.mop.capture;

import io.mop.api.capture.Exchanges;
import io.mop.api.data.Text;
import io.mop.capture.Counters.Plain;

/**
 * Open exchanges of one connection, in the order of their requests. Pairs by id, or first in first out for {@link
 * #NEXT}.
 *
 * <p>First in first out is right only while every message is seen. After a loss it is not known how many responses are
 * still to come for requests from before; until it is, requests and responses are counted and not paired. It is known
 * again at a request that comes straight after a final response, with nothing missing between: a client that waits for
 * each response has nothing outstanding then. One that was seen with two requests open must also have been silent for
 * {@link Limits#quiet}.
 */
final class InFlight implements Exchanges {
  private static final Exchange NOWHERE = new Nowhere();

  private final Connection connection;
  private final Shared shared;
  private final Exchange unpaired = new Unpaired();
  private Pending[] open = new Pending[2];
  private int head;
  private int tail;
  /** Responses still to come for requests that were evicted. */
  private int evictedAhead;
  private boolean synced = true;
  private boolean pipelined;
  /** No request was seen yet, or none since a loss: a response without one is no surprise. */
  private boolean fresh = true;
  /** While not synced: the last that passed was a final response, or is one that has not ended, or was a request. */
  private boolean responded;
  private boolean answering;
  private boolean asked;
  private String left = "";

  InFlight(Connection connection, Shared shared) {
    this.connection = connection;
    this.shared = shared;
  }

  int size() {
    return tail - head;
  }

  boolean synced() {
    return synced;
  }

  /** Why the decoder left, empty if it did not. */
  String left() {
    return left;
  }

  /** Whether the sides take turns: as far as was seen, or after a silence. */
  boolean takesTurns(boolean silence) {
    return !pipelined || silence;
  }

  /** While not synced: whether the last that passed was a final response. */
  boolean responded() {
    return responded;
  }

  /**
   * While not synced: request bytes pass.
   *
   * @param turned straight after bytes of the other side, which may have been a response that could not be read
   */
  void asking(boolean turned) {
    responded = false;
    if (turned && !answering) asked = false;
  }

  /** The next request begins where the sides take turns, straight after a final response. */
  void resume() {
    synced = true;
    restart();
  }

  /**
   * Bytes were lost or cannot be followed: ends what is open and forgets the order.
   *
   * @param requestIntact no request byte was lost: if the only open exchange was being answered, this was the answer
   */
  void lost(String reason, boolean requestIntact) {
    boolean answer = requestIntact && size() == 1 && open[head].answered;
    endAll(reason);
    synced = false;
    restart();
    responded = answer;
  }

  /** The decoder was replaced: what it had open ends; if it had nothing, nothing is lost. */
  void replaced(String reason) {
    if (size() > 0) lost(reason, true);
  }

  /** A new decoder on a new stretch of the connection; what was lost before it still counts. */
  void reset() {
    pipelined = false;
    restart();
  }

  private void restart() {
    evictedAhead = 0;
    fresh = true;
    responded = false;
    answering = false;
    asked = false;
  }

  void endAll(String reason) {
    while (head < tail) end(open[head], reason);
  }

  @Override
  public Exchange request(long id, long time) {
    shared.counters().add(Plain.EXCHANGES, 1);
    if (id == NEXT) {
      if (!inOrder()) {
        shared.counters().add(Counters.EXCHANGES_INCOMPLETE, Counters.UNSYNCHRONISED);
        return NOWHERE;
      }
    } else {
      int same = find(id);
      if (same >= 0) end(open[same], Counters.ID_REUSED);
    }
    fresh = false;
    if (size() >= shared.limits().inFlight()) evict(open[head]);
    if (tail == open.length) room();
    Pending p = shared.pending().begin(this, id, time, connection.protocolName());
    open[tail++] = p;
    return p;
  }

  private boolean inOrder() {
    boolean waiting = synced ? size() > 0 : asked;
    if (waiting && !connection.responseUnderWay()) pipelined = true;
    asked = true;
    answering = false;
    responded = false;
    return synced;
  }

  private void room() {
    int n = size();
    Pending[] target = n * 2 > open.length ? new Pending[open.length * 2] : open;
    System.arraycopy(open, head, target, 0, n);
    for (int i = n; i < target.length; i++) target[i] = null;
    open = target;
    head = 0;
    tail = n;
  }

  private int find(long id) {
    for (int i = head; i < tail; i++) if (open[i].id == id && (id != NEXT || !open[i].answered)) return i;
    return -1;
  }

  @Override
  public Exchange response(long id) {
    if (id == NEXT) {
      if (!synced) {
        responded = false;
        answering = true;
        return unpaired;
      }
      if (evictedAhead > 0) {
        evictedAhead--;
        return NOWHERE;
      }
    }
    int i = find(id);
    if (i < 0) {
      if (!fresh) shared.counters().add(Plain.RESPONSES_UNMATCHED, 1);
      return NOWHERE;
    }
    Pending p = open[i];
    p.answered = true;
    weigh(p);
    return p;
  }

  /** The exchange has another text. */
  void weigh(Pending p) {
    shared.pending().weigh(p);
  }

  @Override
  public boolean server() {
    return connection.server();
  }

  @Override
  public Text bounded(String attribute, Text value) {
    return shared.cardinality().bounded(connection.resource().service(), attribute, value);
  }

  @Override
  public void leave(String reason) {
    left = reason.isEmpty() ? Counters.OTHER : reason;
  }

  /** The request has a trace context. */
  void context(Pending p) {
    shared.spans().sdk().context(connection, p.data, shared.processes());
  }

  void complete(Pending p, long time) {
    shared.spans().emit(connection, p, time);
    shared.counters().add(Plain.EXCHANGES_COMPLETED, 1);
    remove(p);
  }

  void discard(Pending p, String reason) {
    shared.counters().add(Counters.EXCHANGES_DISCARDED, reason);
    remove(p);
  }

  /** Gives up the oldest; its response must still be passed over. */
  void evict(Pending p) {
    if (p.id == NEXT && !p.answered) evictedAhead++;
    end(p, Counters.EVICTED);
  }

  private void end(Pending p, String reason) {
    shared.counters().add(Counters.EXCHANGES_INCOMPLETE, reason);
    remove(p);
  }

  private void remove(Pending p) {
    int i = head;
    while (open[i] != p) i++;
    System.arraycopy(open, head, open, head + 1, i - head);
    open[head++] = null;
    if (head == tail) {
      head = tail = 0;
      if (open.length > 16) open = new Pending[2];
    }
    shared.pending().end(p);
  }

  /** An exchange that leads nowhere. */
  private static class Nowhere implements Exchange {
    @Override
    public Exchange name(Text operation) {
      return this;
    }

    @Override
    public Exchange parent(long traceIdHigh, long traceIdLow, long spanId) {
      return this;
    }

    @Override
    public Exchange set(String attribute, Text value) {
      return this;
    }

    @Override
    public Exchange set(String attribute, long value) {
      return this;
    }

    @Override
    public Exchange error(String type) {
      return this;
    }

    @Override
    public void complete(long time) {}

    @Override
    public void discard(String reason) {}
  }

  /** A response seen while the order is unknown. */
  private final class Unpaired extends Nowhere {
    @Override
    public void complete(long time) {
      responded = true;
      answering = false;
      asked = false;
    }

    @Override
    public void discard(String reason) {
      complete(0);
    }
  }
}
