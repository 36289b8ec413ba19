package io.mop.capture;

/**
 * An exchange's place in a trace. The trace is that of the request's header if it has one, else that of the parent,
 * else its own. For the ring thread.
 */
final class Call {
  final Resource process;
  /** Where it is on the wire. */
  final Place place;
  /** Thread that made the system call of its request. */
  final int thread;
  final long spanId;
  /** A client's, and its thread had several requests open: it is not known for which it was. */
  boolean ambiguous;
  private long high;
  private long low;
  /** As the request's header says; 0 = it has none. */
  private long told;
  /** Null if there is none. */
  private Call parent;
  /** A span has this trace. */
  private boolean used;

  /** @param spanId of its span; {@code high} and {@code low} are its trace unless it belongs to another */
  Call(Resource process, Place place, int thread, long spanId, long high, long low) {
    this.process = process;
    this.place = place;
    this.thread = thread;
    this.spanId = spanId;
    this.high = high;
    this.low = low;
  }

  /** The request has a trace context. */
  void tell(long traceHigh, long traceLow, long parentId) {
    high = traceHigh;
    low = traceLow;
    told = parentId;
  }

  /** The span that the request's header names as parent; 0 if it has none. */
  long told() {
    return told;
  }

  boolean follows() {
    return parent != null;
  }

  private Call root() {
    Call c = this;
    while (c.told == 0 && c.parent != null) c = c.parent;
    return c;
  }

  long traceHigh() {
    return root().high;
  }

  long traceLow() {
    return root().low;
  }

  private boolean sameTrace(Call other) {
    return traceHigh() == other.traceHigh() && traceLow() == other.traceLow();
  }

  /**
   * Makes {@code other} the parent. False, and nothing changed, if spans of both traces are out already, or if a header
   * says that it is in another one.
   */
  boolean follow(Call other) {
    Call root = other.root();
    if (root == this) return false;
    if (told != 0 || used) {
      boolean free = told == 0 && root.told == 0 && !root.used;
      if (free) {
        root.high = high;
        root.low = low;
      } else if (!sameTrace(other)) {
        return false;
      }
    }
    parent = other;
    return true;
  }

  /** The parent's span id, 0 for none. Its span is about to be made: the trace stays what it is. */
  long use(OwnSdk sdk) {
    root().used = true;
    boolean visible = parent != null && !sdk.hides(parent.process) && sameTrace(parent);
    return visible ? parent.spanId : told;
  }
}
