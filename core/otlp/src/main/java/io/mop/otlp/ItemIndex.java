package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.otlp.AttributeField.Level;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One scan of a checked request, in arrays that are kept and grow. Of a resource, scope or item: where its tag begins,
 * where its body begins and ends. Of an attribute: where its KeyValue's body begins and ends, -1 if absent.
 */
abstract class ItemIndex {
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
  int[] scopeFirstMetric = {};
  int[] scopeKeyValue = {};

  /** Metrics, which the items of a metrics request belong to; 0 in requests of other signals. */
  int metrics;

  int items;
  int[] tag = {};
  int[] body = {};
  int[] bodyEnd = {};
  int[] scope = {};
  /**
   * Where the item's attributes begin if they come in one run, are all plain and no declared key comes twice; else -1.
   * Then also the marks of their keys.
   */
  int[] runAt = {};
  /** Where the attributes read last end; -1 if there are none. */
  int[] runEnd = {};
  long[] runMarks = {};
  int[] keyValue = {};

  /** Of the run found last: marks of its keys, and whether a declared key came twice. */
  private long seenMarks;
  private boolean repeated;

  /** Reads field 2 of a ScopeSpans, ScopeMetrics or ScopeLogs: an item, or a metric with its items. */
  abstract void child(int ofScope, int tagAt, int at, int end);

  /** Tag of the item's attributes. */
  abstract int attributeTag(int item);

  final void scan(Schema schema, ByteBuffer wire) {
    if (capacity() > KEEP && used() < KEEP / 2) release();
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
    metrics = 0;
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

  /** Most rows an array has. */
  int capacity() {
    return Math.max(tag.length, Math.max(scopeTag.length, resourceTag.length));
  }

  /** Most rows an array needed in the last scan. */
  int used() {
    return Math.max(items, Math.max(scopes, resources));
  }

  /** The metric the item belongs to, or -1. */
  int metricOfItem(int item) {
    return -1;
  }

  /** True if one of the scopes from {@code first} to before {@code end} has a metric without points. */
  boolean hasEmptyMetric(int first, int end) {
    return false;
  }

  final int resourceOfItem(int item) {
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
    if (r == resourceTag.length) resizeResources(2 * r);
    resourceKeyValue = schema.resources.clear(resourceKeyValue, r, resourceTag.length);
    resourceTag[r] = tagAt;
    resourceBody[r] = at;
    resourceEnd[r] = end;
    resourceFirstScope[r] = scopes;
    parts(Level.RESOURCE, r, at, end, schema.resources, resourceKeyValue);
    resourceFirstScope[resources] = scopes;
  }

  private void scope(int resource, int tagAt, int at, int end) {
    int s = scopes++;
    if (s == scopeTag.length) resizeScopes(2 * s);
    scopeKeyValue = schema.scopes.clear(scopeKeyValue, s, scopeTag.length);
    scopeTag[s] = tagAt;
    scopeBody[s] = at;
    scopeEnd[s] = end;
    scopeResource[s] = resource;
    scopeFirstItem[s] = items;
    scopeFirstMetric[s] = metrics;
    parts(Level.SCOPE, s, at, end, schema.scopes, scopeKeyValue);
    scopeFirstItem[scopes] = items;
    scopeFirstMetric[scopes] = metrics;
  }

  /**
   * Reads a ResourceSpans or ScopeSpans, or those of other signals: field 1 is what their attributes are in, field 2
   * what they hold.
   */
  private void parts(Level level, int of, int at, int end, KeyTable keys, int[] found) {
    boolean resource = level == Level.RESOURCE;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(wire, at);
      int tag = value(read);
      at = next(read);
      if (tag != 0x12 && tag != 0x0A) {
        at = Wire.skip(wire, tag, at);
        continue;
      }
      read = Wire.u32(wire, at);
      int begin = next(read);
      at = begin + value(read);
      if (tag == 0x0A) {
        if (keys.columns > 0) attributes(resource ? 0x0A : 0x1A, begin, at, keys, found, 2 * of * keys.columns);
      } else if (resource) {
        scope(of, tagAt, begin, at);
      } else {
        child(of, tagAt, begin, at);
      }
    }
  }

  /** Begins an item and returns its number. */
  final int begin(int ofScope, int tagAt, int at, int end) {
    int i = items++;
    if (i == tag.length) resizeItems(2 * i);
    keyValue = schema.items.clear(keyValue, i, tag.length);
    tag[i] = tagAt;
    body[i] = at;
    bodyEnd[i] = end;
    scope[i] = ofScope;
    runAt[i] = -1;
    runEnd[i] = -1;
    return i;
  }

  /** Reads the item's attributes that follow each other as long as they are plain; the position after the last. */
  final int run(int item, int attributeTag, int at, int end) {
    int columns = schema.items.columns;
    int row = 2 * item * columns;
    int after = columns == 0 ? skipRun(attributeTag, at, end) : lookUpRun(attributeTag, at, end, row);
    if (after > at) {
      runAt[item] = runEnd[item] < 0 && !repeated ? at : -1;
      runEnd[item] = after;
      runMarks[item] = seenMarks;
    }
    return after;
  }

  /** Reads an attribute of the item that may be of any form, from its length on. */
  final void attribute(int item, int at) {
    int columns = schema.items.columns;
    long read = Wire.u32(wire, at);
    int end = next(read) + value(read);
    if (columns > 0) attribute(next(read), end, schema.items, keyValue, 2 * item * columns);
    runAt[item] = -1;
    runEnd[item] = end;
  }

  private int lookUpRun(int attributeTag, int at, int end, int row) {
    byte[] b = wire;
    KeyTable keys = schema.items;
    int[] found = keyValue;
    long looked = keys.marks();
    long marks = 0;
    repeated = false;
    while (at < end && b[at] == attributeTag) {
      long peeked = Wire.peek(b, at);
      int begin;
      int after;
      if (Wire.begins(peeked, attributeTag)) {
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

  private int skipRun(int attributeTag, int at, int end) {
    byte[] b = wire;
    while (at < end) {
      long peeked = Wire.peek(b, at);
      if (!Wire.begins(peeked, attributeTag)) return at;
      at += 2 + Wire.shortLength(peeked);
    }
    return at;
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

  /** Gives large arrays back; for the constructors of the classes derived, too. */
  void release() {
    resizeItems(64);
    resizeScopes(8);
    resizeResources(8);
    keyValue = new int[0];
    scopeKeyValue = new int[0];
    resourceKeyValue = new int[0];
  }

  void resizeItems(int n) {
    tag = Arrays.copyOf(tag, n);
    body = Arrays.copyOf(body, n);
    bodyEnd = Arrays.copyOf(bodyEnd, n);
    scope = Arrays.copyOf(scope, n);
    runAt = Arrays.copyOf(runAt, n);
    runEnd = Arrays.copyOf(runEnd, n);
    runMarks = Arrays.copyOf(runMarks, n);
  }

  private void resizeScopes(int n) {
    scopeTag = Arrays.copyOf(scopeTag, n);
    scopeBody = Arrays.copyOf(scopeBody, n);
    scopeEnd = Arrays.copyOf(scopeEnd, n);
    scopeResource = Arrays.copyOf(scopeResource, n);
    scopeFirstItem = Arrays.copyOf(scopeFirstItem, n + 1);
    scopeFirstMetric = Arrays.copyOf(scopeFirstMetric, n + 1);
  }

  private void resizeResources(int n) {
    resourceTag = Arrays.copyOf(resourceTag, n);
    resourceBody = Arrays.copyOf(resourceBody, n);
    resourceEnd = Arrays.copyOf(resourceEnd, n);
    resourceFirstScope = Arrays.copyOf(resourceFirstScope, n + 1);
  }
}
