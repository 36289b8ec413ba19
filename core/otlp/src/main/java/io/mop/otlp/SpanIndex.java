package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.otlp.AttributeField.Level;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One scan of a checked traces request, in arrays that are kept and grow. Of a resource, scope or span: where its tag
 * begins, where its body begins and ends. Of an attribute: where its KeyValue's body begins and ends, -1 if absent.
 */
final class SpanIndex {
  /** Arrays of more rows than this are given back when a batch did not need them. */
  private static final int KEEP = 1 << 16;

  /** A copy of more bytes than this is given back when a batch needs much less. */
  private static final int KEEP_BYTES = 4 << 20;

  /** A copy: faster to read than a buffer, and the lane's own whatever becomes of the batch's memory. */
  byte[] wire = {};
  Schema schema = Schema.EMPTY;
  int end;

  int resources;
  int[] resourceTag = {};
  int[] resourceBody = {};
  int[] resourceEnd = {};
  int[] resourceFirstScope = {};
  int[] resourceKeyValue = {};

  int scopes;
  int[] scopeTag = {};
  int[] scopeBody = {};
  int[] scopeEnd = {};
  int[] scopeResource = {};
  int[] scopeFirstItem = {};
  int[] scopeKeyValue = {};

  int items;
  int[] tag = {};
  int[] body = {};
  int[] bodyEnd = {};
  int[] scope = {};
  /**
   * Where the span's attributes begin and end if they come in one run, are all plain and no declared key comes twice;
   * else -1. Then also the marks of their keys.
   */
  int[] runAt = {};
  int[] runEnd = {};
  long[] runMarks = {};
  int[] keyValue = {};
  int[] nameAt = {};
  int[] nameLength = {};
  int[] kind = {};
  int[] status = {};
  long[] traceIdHigh = {};
  long[] traceIdLow = {};
  long[] spanId = {};
  long[] parentId = {};
  long[] startNano = {};
  long[] endNano = {};

  /** Of the run found last: marks of its keys, and whether a declared key came twice. */
  private long seenMarks;
  private boolean repeated;

  SpanIndex() {
    release();
  }

  void scan(Schema schema, ByteBuffer wire) {
    if (Math.max(tag.length, Math.max(scopeTag.length, resourceTag.length)) > KEEP
        && Math.max(items, Math.max(scopes, resources)) < KEEP / 2) {
      release();
    }
    this.schema = schema;
    end = wire.remaining();
    if (this.wire.length - Wire.PAD < end || this.wire.length > KEEP_BYTES && end < KEEP_BYTES / 2) {
      this.wire = new byte[Math.addExact(end, end / 4 + 4096)];
    }
    wire.get(wire.position(), this.wire, 0, end);
    read();
  }

  private void read() {
    items = 0;
    scopes = 0;
    resources = 0;
    int at = 0;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(wire, at);
      if (value(read) == 0x0A) {
        read = Wire.u32(wire, next(read));
        at = next(read) + value(read);
        resource(tagAt, next(read), at);
      } else {
        at = Wire.skip(wire, value(read), next(read));
      }
    }
  }

  int resourceOfItem(int item) {
    return scopeResource[scope[item]];
  }

  /** True if the item, its scope or its resource has no attribute of the field. */
  boolean absent(Level level, int field, int item) {
    int column = schema.column(field);
    return switch (level) {
      case ITEM -> keyValue[2 * (item * schema.items.columns + column)] < 0;
      case SCOPE -> scopeKeyValue[2 * (scope[item] * schema.scopes.columns + column)] < 0;
      case RESOURCE -> resourceKeyValue[2 * (resourceOfItem(item) * schema.resources.columns + column)] < 0;
    };
  }

  private void resource(int tagAt, int at, int end) {
    int r = resources++;
    int columns = schema.resources.columns;
    if (r == resourceTag.length) resizeResources(2 * r);
    resourceKeyValue = schema.resources.clear(resourceKeyValue, r, resourceTag.length);
    resourceTag[r] = tagAt;
    resourceBody[r] = at;
    resourceEnd[r] = end;
    resourceFirstScope[r] = scopes;
    while (at < end) {
      tagAt = at;
      long read = Wire.u32(wire, at);
      int tag = value(read);
      at = next(read);
      if (tag == 0x12 || tag == 0x0A) {
        read = Wire.u32(wire, at);
        at = next(read) + value(read);
        if (tag == 0x12) {
          scope(r, tagAt, next(read), at);
        } else if (columns > 0) {
          attributes(0x0A, next(read), at, schema.resources, resourceKeyValue, 2 * r * columns);
        }
      } else {
        at = Wire.skip(wire, tag, at);
      }
    }
    resourceFirstScope[resources] = scopes;
  }

  private void scope(int resource, int tagAt, int at, int end) {
    int s = scopes++;
    int columns = schema.scopes.columns;
    if (s == scopeTag.length) resizeScopes(2 * s);
    scopeKeyValue = schema.scopes.clear(scopeKeyValue, s, scopeTag.length);
    scopeTag[s] = tagAt;
    scopeBody[s] = at;
    scopeEnd[s] = end;
    scopeResource[s] = resource;
    scopeFirstItem[s] = items;
    while (at < end) {
      tagAt = at;
      long read = Wire.u32(wire, at);
      int tag = value(read);
      at = next(read);
      if (tag == 0x12 || tag == 0x0A) {
        read = Wire.u32(wire, at);
        at = next(read) + value(read);
        if (tag == 0x12) {
          span(s, tagAt, next(read), at);
        } else if (columns > 0) {
          attributes(0x1A, next(read), at, schema.scopes, scopeKeyValue, 2 * s * columns);
        }
      } else {
        at = Wire.skip(wire, tag, at);
      }
    }
    scopeFirstItem[scopes] = items;
  }

  private void span(int ofScope, int tagAt, int at, int end) {
    byte[] b = wire;
    int i = items++;
    if (i == tag.length) resizeItems(2 * i);
    KeyTable keys = schema.items;
    int columns = keys.columns;
    int row = 2 * i * columns;
    keyValue = keys.clear(keyValue, i, tag.length);
    tag[i] = tagAt;
    body[i] = at;
    bodyEnd[i] = end;
    scope[i] = ofScope;
    long high = 0;
    long low = 0;
    long id = 0;
    long parent = 0;
    long from = 0;
    long to = 0;
    int name = at;
    int nameBytes = 0;
    int runFrom = -1;
    int runTo = -1;
    boolean oneRun = false;
    int spanKind = 0;
    int statusCode = 0;
    while (at < end) {
      if (b[at] == 0x4A) {
        int after = columns == 0 ? skipRun(at, end) : run(at, end, row);
        if (after > at) {
          oneRun = runFrom < 0 && !repeated;
          runFrom = at;
          at = after;
          runTo = at;
          continue;
        }
      }
      long read = Wire.u32(b, at);
      int field = value(read);
      at = next(read);
      switch (field) {
        case 0x39 -> {
          from = Wire.fixed64(b, at);
          at += 8;
        }
        case 0x41 -> {
          to = Wire.fixed64(b, at);
          at += 8;
        }
        case 0x30 -> {
          spanKind = (int) Wire.varint(b, at);
          at = Wire.skipVarint(b, at);
        }
        case 0x0A, 0x12, 0x22, 0x2A, 0x4A, 0x7A -> {
          read = Wire.u32(b, at);
          int length = value(read);
          at = next(read);
          switch (field) {
            case 0x0A -> {
              high = length == 16 ? (long) Wire.ID.get(b, at) : 0;
              low = length == 16 ? (long) Wire.ID.get(b, at + 8) : 0;
            }
            case 0x12 -> id = length == 8 ? (long) Wire.ID.get(b, at) : 0;
            case 0x22 -> parent = length == 8 ? (long) Wire.ID.get(b, at) : 0;
            case 0x2A -> {
              name = at;
              nameBytes = length;
            }
            case 0x4A -> {
              runFrom = at;
              oneRun = false;
              if (columns > 0) attribute(at, at + length, keys, keyValue, row);
            }
            default -> statusCode = statusCode(at, at + length, statusCode);
          }
          at += length;
        }
        default -> at = Wire.skip(b, field, at);
      }
    }
    runAt[i] = oneRun ? runFrom : -1;
    runEnd[i] = runTo;
    runMarks[i] = seenMarks;
    traceIdHigh[i] = high;
    traceIdLow[i] = low;
    spanId[i] = id;
    parentId[i] = parent;
    startNano[i] = from;
    endNano[i] = to;
    nameAt[i] = name;
    nameLength[i] = nameBytes;
    kind[i] = spanKind;
    status[i] = statusCode;
  }

  /** Looks up the attributes that follow each other as long as they are plain; the position after the last. */
  private int run(int at, int end, int row) {
    byte[] b = wire;
    KeyTable keys = schema.items;
    int[] found = keyValue;
    long looked = keys.marks();
    long marks = 0;
    repeated = false;
    while (at < end && b[at] == 0x4A) {
      long peeked = Wire.peek(b, at);
      int begin;
      int after;
      if (Wire.begins(peeked, 0x4A)) {
        begin = at + 2;
        after = begin + Wire.shortLength(peeked);
        peeked >>>= 16;
      } else {
        long read = Wire.u32(b, at + 1);
        begin = next(read);
        after = begin + value(read);
        if (begin - at != 1 + Wire.sizeOfVarint(after - begin)) break;
        peeked = Wire.peek(b, begin);
      }
      int key = KeyValue.plainKey(b, begin, after, peeked);
      if (key < 0) break;
      long mark = Wire.mark(b, begin + 2, key);
      marks |= mark;
      if ((looked & mark) != 0) repeated |= !keys.put(b, begin + 2, key, found, row, begin, after);
      at = after;
    }
    seenMarks = marks;
    return at;
  }

  private int skipRun(int at, int end) {
    byte[] b = wire;
    while (at < end) {
      long peeked = Wire.peek(b, at);
      if (!Wire.begins(peeked, 0x4A)) return at;
      at += 2 + Wire.shortLength(peeked);
    }
    return at;
  }

  private int statusCode(int at, int end, int code) {
    while (at < end) {
      long read = Wire.u32(wire, at);
      at = next(read);
      if (value(read) == 0x18) code = (int) Wire.varint(wire, at);
      at = Wire.skip(wire, value(read), at);
    }
    return code;
  }

  /** The attributes of a Resource or InstrumentationScope, which may come in pieces: an earlier find stays. */
  private void attributes(int attributeTag, int at, int end, KeyTable keys, int[] found, int row) {
    while (at < end) {
      long read = Wire.u32(wire, at);
      at = next(read);
      if (value(read) == attributeTag) {
        read = Wire.u32(wire, at);
        at = next(read) + value(read);
        attribute(next(read), at, keys, found, row);
      } else {
        at = Wire.skip(wire, value(read), at);
      }
    }
  }

  private void attribute(int at, int end, KeyTable keys, int[] found, int row) {
    long key = KeyValue.key(wire, at, end);
    keys.put(wire, next(key), value(key), found, row, at, end);
  }

  private void release() {
    resizeItems(64);
    resizeScopes(8);
    resizeResources(8);
    keyValue = new int[0];
    scopeKeyValue = new int[0];
    resourceKeyValue = new int[0];
  }

  private void resizeItems(int n) {
    tag = Arrays.copyOf(tag, n);
    body = Arrays.copyOf(body, n);
    bodyEnd = Arrays.copyOf(bodyEnd, n);
    scope = Arrays.copyOf(scope, n);
    runAt = Arrays.copyOf(runAt, n);
    runEnd = Arrays.copyOf(runEnd, n);
    runMarks = Arrays.copyOf(runMarks, n);
    nameAt = Arrays.copyOf(nameAt, n);
    nameLength = Arrays.copyOf(nameLength, n);
    kind = Arrays.copyOf(kind, n);
    status = Arrays.copyOf(status, n);
    traceIdHigh = Arrays.copyOf(traceIdHigh, n);
    traceIdLow = Arrays.copyOf(traceIdLow, n);
    spanId = Arrays.copyOf(spanId, n);
    parentId = Arrays.copyOf(parentId, n);
    startNano = Arrays.copyOf(startNano, n);
    endNano = Arrays.copyOf(endNano, n);
  }

  private void resizeScopes(int n) {
    scopeTag = Arrays.copyOf(scopeTag, n);
    scopeBody = Arrays.copyOf(scopeBody, n);
    scopeEnd = Arrays.copyOf(scopeEnd, n);
    scopeResource = Arrays.copyOf(scopeResource, n);
    scopeFirstItem = Arrays.copyOf(scopeFirstItem, n + 1);
  }

  private void resizeResources(int n) {
    resourceTag = Arrays.copyOf(resourceTag, n);
    resourceBody = Arrays.copyOf(resourceBody, n);
    resourceEnd = Arrays.copyOf(resourceEnd, n);
    resourceFirstScope = Arrays.copyOf(resourceFirstScope, n + 1);
  }
}
