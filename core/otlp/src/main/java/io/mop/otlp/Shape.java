package io.mop.otlp;

import io.mop.api.data.ValueEditor.Owner;

/**
 * What the length-delimited fields of a message hold, as far as it must be checked; fields of other wire types, bytes
 * and unknown fields need no entry. Source: opentelemetry-proto 1.11.
 */
final class Shape {
  static final int OPAQUE = 0;
  static final int STRING = 1;
  static final int MESSAGE = 2;
  static final int PACKED_VARINT = 3;
  static final int PACKED_FIXED64 = 4;
  /** An id the item cannot do without. */
  static final int ID = 5;

  /** One resource, scope, metric or item, in the upper half of {@link #count}. */
  static final long ROW = 1L << 32;
  private static final long ITEM = ROW | 1;

  static final Shape TRACES;
  static final Shape METRICS;
  static final Shape LOGS;
  static final Shape VALUE;
  static final Shape KEY_VALUE;

  private static final int FIELDS = 16;
  private static final int NO_BYTE = 0x100;

  final String name;
  /** What one message counts: 1 for an item, and {@link #ROW} if an index keeps a row of it. */
  private final long count;
  private int attributeTag = NO_BYTE;
  /** What its attributes belong to; null = it has none. */
  private Owner owner;
  /** There are attribute values in it, at any depth. */
  private boolean values;
  /** Fields, as bits, of which only the last kind counts. */
  private int oneOf;
  /** Fields, as bits, that are ids the item cannot do without. */
  private int ids;
  private final byte[] kind = new byte[FIELDS];
  private final Shape[] child = new Shape[FIELDS];

  private Shape(String name, long count) {
    this.name = name;
    this.count = count;
  }

  int kind(int field) {
    return field < FIELDS && field >= 0 ? kind[field] : OPAQUE;
  }

  Shape child(int field) {
    return child[field];
  }

  /** Tag of the attributes; no byte if there are none. */
  int attributeTag() {
    return attributeTag;
  }

  long count() {
    return count;
  }

  /** Fields, as bits, whose ids must be valid; 0 = none. */
  int ids() {
    return ids;
  }

  /** What its attributes belong to; null if it has none. */
  Owner owner() {
    return owner;
  }

  /** True if there may be attribute values in it, at any depth. */
  boolean values() {
    return values;
  }

  boolean oneOf(int field) {
    return (oneOf >>> field & 1) != 0;
  }

  private static Shape of(String name) {
    return new Shape(name, 0);
  }

  private Shape strings(int... fields) {
    for (int f : fields) kind[f] = STRING;
    return this;
  }

  private Shape packed(int field, int as) {
    kind[field] = (byte) as;
    return this;
  }

  private Shape ids(int... fields) {
    for (int f : fields) {
      kind[f] = ID;
      ids |= 1 << f;
    }
    return this;
  }

  private Shape attributes(int field, Shape keyValue) {
    attributeTag = field << 3 | Wire.LEN;
    return message(field, keyValue);
  }

  private Shape of(Owner owner) {
    this.owner = owner;
    return this;
  }

  private Shape message(int field, Shape shape) {
    kind[field] = MESSAGE;
    child[field] = shape;
    values |= shape.values;
    return this;
  }

  static {
    Shape value = of("AnyValue").strings(1);
    value.values = true;
    Shape keyValue = of("KeyValue").strings(1).message(2, value);
    VALUE = value;
    KEY_VALUE = keyValue;
    value.message(5, of("ArrayValue").message(1, value)).message(6, of("KeyValueList").attributes(1, keyValue));

    Shape entity = of("EntityRef").strings(1, 2, 3, 4);
    Shape resource = of("Resource").of(Owner.RESOURCE).attributes(1, keyValue).message(3, entity);
    Shape scope = of("InstrumentationScope").of(Owner.SCOPE).strings(1, 2).attributes(3, keyValue);

    Shape event = of("Span.Event").of(Owner.EVENT).strings(2).attributes(3, keyValue);
    Shape link = of("Span.Link").of(Owner.LINK).strings(3).attributes(4, keyValue);
    Shape span = new Shape("Span", ITEM).of(Owner.ITEM).ids(1, 2).strings(3, 5).attributes(9, keyValue)
        .message(11, event).message(13, link).message(15, of("Status").strings(2));
    TRACES = request("Trace", "Spans", resource, scope, span);

    Shape log = new Shape("LogRecord", ITEM).of(Owner.ITEM).strings(3, 12).message(5, value).attributes(6, keyValue);
    LOGS = request("Logs", "Logs", resource, scope, log);

    Shape exemplar = of("Exemplar").of(Owner.EXEMPLAR).attributes(7, keyValue);
    Shape number = new Shape("NumberDataPoint", ITEM).of(Owner.ITEM).attributes(7, keyValue).message(5, exemplar);
    Shape histogram = new Shape("HistogramDataPoint", ITEM).of(Owner.ITEM).attributes(9, keyValue).message(8, exemplar)
        .packed(6, PACKED_FIXED64).packed(7, PACKED_FIXED64);
    Shape buckets = of("Buckets").packed(2, PACKED_VARINT);
    Shape exponential = new Shape("ExponentialHistogramDataPoint", ITEM).of(Owner.ITEM).attributes(1, keyValue)
        .message(8, buckets).message(9, buckets).message(11, exemplar);
    Shape summary = new Shape("SummaryDataPoint", ITEM).of(Owner.ITEM).attributes(7, keyValue)
        .message(6, of("ValueAtQuantile"));
    Shape metric = new Shape("Metric", ROW).of(Owner.METRIC).strings(1, 2, 3).attributes(12, keyValue)
        .message(5, of("Gauge").message(1, number))
        .message(7, of("Sum").message(1, number))
        .message(9, of("Histogram").message(1, histogram))
        .message(10, of("ExponentialHistogram").message(1, exponential))
        .message(11, of("Summary").message(1, summary));
    metric.oneOf = 1 << 5 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11;
    METRICS = request("Metrics", "Metrics", resource, scope, metric);
  }

  private static Shape request(String service, String kind, Shape resource, Shape scope, Shape child) {
    Shape perScope = new Shape("Scope" + kind, ROW).message(1, scope).message(2, child).strings(3);
    Shape perResource = new Shape("Resource" + kind, ROW).message(1, resource).message(2, perScope).strings(3);
    return of("Export" + service + "ServiceRequest").message(1, perResource);
  }
}
