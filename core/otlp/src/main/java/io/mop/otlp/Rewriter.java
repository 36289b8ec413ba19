package io.mop.otlp;

import io.mop.otlp.AttributeField.Level;
import java.nio.ByteBuffer;

/**
 * Writes a request with the edits of a call applied. What no edit touches is copied byte by byte, with its
 * order, unknown fields and varints; an edited message gets new lengths, a Resource or InstrumentationScope in pieces
 * becomes one when it is edited. Scopes and resources all of whose items were dropped vanish; those that had none stay.
 * So do metrics; one that had no points stays, and what it is in.
 *
 * <p>An attribute key that an edit of its owner names occurs once at most afterwards. A value that is set keeps the
 * attribute's place, a new attribute goes last. The hash of a text or bytes is that of its bytes, of a number or
 * boolean that of its {@code Long.toString}, {@code Double.toString} or {@code Boolean.toString}, of an array or map
 * that of its encoded message, the last if it comes in pieces, of an empty value that of no bytes.
 */
public final class Rewriter {
  /** ResourceSpans, ResourceMetrics or ResourceLogs. */
  private static final int RESOURCE_ITEMS = 0x0A;
  private static final int RESOURCE = 0x0A;
  private static final int RESOURCE_ATTRIBUTES = 0x0A;
  /** ScopeSpans, ScopeMetrics or ScopeLogs. */
  private static final int SCOPE_ITEMS = 0x12;
  private static final int SCOPE = 0x0A;
  private static final int SCOPE_ATTRIBUTES = 0x1A;
  /** Span, Metric or LogRecord. */
  private static final int CHILD = 0x12;
  private static final int POINT = 0x0A;

  private final EditLog log;
  private final AttributePatch patch;
  private final BackwardWriter out = new BackwardWriter();
  private final Pieces resourcePieces = new Pieces();
  private final Pieces scopePieces = new Pieces();
  private final Pieces dataPieces = new Pieces();
  private final Pieces itemPieces = new Pieces();
  private ItemIndex index;

  /** Working memory of one log. */
  Rewriter(EditLog log) {
    this.log = log;
    patch = new AttributePatch(log.list);
    index = new SpanIndex();
  }

  /**
   * Bytes that are enough for the output.
   *
   * @throws ArithmeticException if that is more than an int holds
   */
  public static int bound(ItemCursor cursor, EditLog log) {
    return Math.toIntExact(cursor.index().end + log.growth());
  }

  /**
   * Writes the request so that it ends at the target's limit, and moves its position to where it begins. Works also
   * after the cursor was poisoned and the log closed.
   *
   * @return bytes written, 0 if nothing is left
   * @throws java.nio.BufferOverflowException if the target has no room; {@link #bound} bytes are enough
   */
  public static int write(ItemCursor cursor, EditLog log, ByteBuffer target) {
    ItemIndex index = cursor.index();
    if (log.splices.isEmpty()) log.rewriter.request(index, target);
    else log.splices.write(index.wire, index.end, target);
    return target.remaining();
  }

  private void request(ItemIndex edited, ByteBuffer target) {
    index = edited;
    out.begin(target);
    int end = index.end;
    for (int r = index.resources - 1; r >= 0; r--) {
      int owner = log.resourceOwner(r);
      if (!log.touched(owner)) continue;
      out.copy(index.wire, index.resourceEnd[r], end);
      end = index.resourceTag[r];
      if (vanishes(owner, index.resourceFirstScope[r], index.resourceFirstScope[r + 1])) continue;
      int bodyEnd = out.at();
      resource(r, owner);
      out.header(RESOURCE_ITEMS, bodyEnd);
    }
    out.copy(index.wire, 0, end);
    out.end();
  }

  /** True if nothing is left of the owner, whose scopes are those from {@code first} to before {@code end}. */
  private boolean vanishes(int owner, int first, int end) {
    return log.droppedOf(owner) == index.scopeFirstItem[end] - index.scopeFirstItem[first]
        && !index.hasEmptyMetric(first, end);
  }

  private void resource(int r, int owner) {
    boolean edited = log.edited(owner);
    Pieces pieces = resourcePieces;
    pieces.clear();
    if (edited) pieces.find(index.wire, RESOURCE, index.resourceBody[r], index.resourceEnd[r]);
    int piece = pieces.size - 1;
    int end = index.resourceEnd[r];
    for (int s = index.resourceFirstScope[r + 1] - 1; s >= index.resourceFirstScope[r]; s--) {
      int scope = log.scopeOwner(s);
      if (!log.touched(scope)) continue;
      piece = copyBetween(pieces, piece, index.scopeEnd[s], end);
      end = index.scopeTag[s];
      if (vanishes(scope, s, s + 1)) continue;
      int bodyEnd = out.at();
      scope(s, scope);
      out.header(SCOPE_ITEMS, bodyEnd);
    }
    copyBetween(pieces, piece, index.resourceBody[r], end);
    if (edited) patch(Level.RESOURCE, owner, RESOURCE, RESOURCE_ATTRIBUTES, pieces);
  }

  private void scope(int s, int owner) {
    boolean edited = log.edited(owner);
    Pieces pieces = scopePieces;
    pieces.clear();
    if (edited) pieces.find(index.wire, SCOPE, index.scopeBody[s], index.scopeEnd[s]);
    int piece = pieces.size - 1;
    int end = index.scopeEnd[s];
    if (index instanceof PointIndex points) {
      for (int m = index.scopeFirstMetric[s + 1] - 1; m >= index.scopeFirstMetric[s]; m--) {
        if (!log.touched(log.metricOwner(m))) continue;
        piece = copyBetween(pieces, piece, points.metricEnd[m], end);
        end = points.metricTag[m];
        metric(points, m);
      }
    } else {
      for (int i = index.scopeFirstItem[s + 1] - 1; i >= index.scopeFirstItem[s]; i--) {
        if (!log.touched(i)) continue;
        piece = copyBetween(pieces, piece, index.bodyEnd[i], end);
        end = index.tag[i];
        if (log.droppedOf(i) == 0) item(i, CHILD);
      }
    }
    copyBetween(pieces, piece, index.scopeBody[s], end);
    if (edited) patch(Level.SCOPE, owner, SCOPE, SCOPE_ATTRIBUTES, pieces);
  }

  private void metric(PointIndex points, int m) {
    int first = points.metricFirstItem[m];
    int i = points.metricFirstItem[m + 1] - 1;
    if (log.droppedOf(log.metricOwner(m)) > i - first) return;
    int metricEnd = out.at();
    int end = points.metricEnd[m];
    Pieces pieces = dataPieces;
    pieces.find(index.wire, points.data[m], points.metricBody[m], end);
    for (int p = pieces.size - 1; p >= 0; p--) {
      out.copy(index.wire, pieces.end[p], end);
      int dataEnd = out.at();
      end = pieces.end[p];
      for (; i >= first && index.tag[i] >= pieces.body[p]; i--) {
        if (!log.touched(i)) continue;
        out.copy(index.wire, index.bodyEnd[i], end);
        end = index.tag[i];
        if (log.droppedOf(i) == 0) item(i, POINT);
      }
      out.copy(index.wire, pieces.body[p], end);
      // also what is empty by now: without it another kind of data could count
      out.header(points.data[m], dataEnd);
      end = pieces.tag[p];
    }
    out.copy(index.wire, points.metricBody[m], end);
    out.header(CHILD, metricEnd);
  }

  private void item(int i, int tag) {
    itemPieces.clear();
    itemPieces.add(index.tag[i], index.body[i], index.bodyEnd[i]);
    patch(Level.ITEM, i, tag, index.attributeTag(i), itemPieces);
  }

  /** Writes the message in the pieces as one with its edits; a message that is not there only if it gets attributes. */
  private void patch(Level level, int owner, int tag, int attributeTag, Pieces pieces) {
    int pool = log.list.pool.size();
    patch.apply(index, level, owner, attributeTag, pieces);
    if (pieces.size > 0 || !patch.addsNothing()) {
      int end = out.at();
      patch.write(out);
      out.header(tag, end);
    }
    log.list.pool.cut(pool);
  }

  /** Copies what lies between the two positions but for the pieces; returns the last piece before it. */
  private int copyBetween(Pieces pieces, int piece, int from, int end) {
    for (; piece >= 0 && pieces.tag[piece] >= from; piece--) {
      out.copy(index.wire, pieces.end[piece], end);
      end = pieces.tag[piece];
    }
    out.copy(index.wire, from, end);
    return piece;
  }
}
