package io.mop.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.mop.api.data.Edits;
import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/** The edits of one call as the API describes them, done on protobuf objects. */
final class EditModel {
  enum Kind {
    RENAME,
    HASH,
    REMOVE,
    TEXT,
    INT,
    DOUBLE,
    BOOL,
    DROP
  }

  record Edit(Kind kind, AttributeField field, String text, long bits) {
    void record(Edits edits) {
      switch (kind) {
        case RENAME -> edits.rename(field, Text.of(text));
        case HASH -> edits.hash(field);
        case REMOVE -> edits.remove(field);
        case TEXT -> edits.set(field, Text.of(text));
        case INT -> edits.set(field, bits);
        case DOUBLE -> edits.set(field, Double.longBitsToDouble(bits));
        case BOOL -> edits.set(field, bits != 0);
        case DROP -> edits.drop(new Reason(text));
      }
    }
  }

  /** Random edits for each of {@code items} items; the same few on many, as a part would make them. */
  static List<List<Edit>> random(Random random, List<AttributeField> fields, int items) {
    List<Edit> usual = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) usual.add(edit(random, fields));
    double share = random.nextDouble();
    double drops = random.nextInt(3) == 0 ? random.nextDouble() : 0;
    List<List<Edit>> all = new ArrayList<>();
    for (int i = 0; i < items; i++) {
      List<Edit> edits = new ArrayList<>();
      if (random.nextDouble() < share) edits.addAll(usual);
      while (random.nextInt(5) == 0) edits.add(edit(random, fields));
      if (random.nextDouble() < drops) {
        edits.add(random.nextInt(edits.size() + 1), new Edit(Kind.DROP, null, "r" + random.nextInt(3), 0));
      }
      all.add(edits);
    }
    return all;
  }

  private static Edit edit(Random random, List<AttributeField> fields) {
    if (fields.isEmpty()) return new Edit(Kind.DROP, null, "r", 0);
    Kind kind = Kind.values()[random.nextInt(Kind.DROP.ordinal())];
    String text = kind == Kind.RENAME ? RandomOtlp.KEYS.get(random.nextInt(RandomOtlp.KEYS.size()))
        : "новое ".repeat(random.nextInt(40));
    return new Edit(kind, fields.get(random.nextInt(fields.size())), text,
        kind == Kind.BOOL ? random.nextInt(2) : random.nextLong() >> random.nextInt(64));
  }

  private final List<List<Edit>> edits;
  private int item;
  private int emptyMetrics;

  private EditModel(List<List<Edit>> edits) {
    this.edits = edits;
  }

  /** The request with the edits of each of its items. */
  static Message apply(Message request, List<List<Edit>> edits) {
    EditModel model = new EditModel(edits);
    Message.Builder out = request.toBuilder();
    model.children(request, 1, out, r -> model.container(r, Level.RESOURCE));
    return out.build();
  }

  private void children(Message m, int field, Message.Builder out, Function<Message, Optional<Message>> each) {
    FieldDescriptor children = Otlp.field(m, field);
    out.clearField(children);
    for (Message child : Otlp.list(m, field)) each.apply(child).ifPresent(c -> out.addRepeatedField(children, c));
  }

  private Optional<Message> container(Message m, Level level) {
    int first = item;
    int emptyBefore = emptyMetrics;
    Message.Builder out = m.toBuilder();
    children(m, 2, out, child -> level == Level.RESOURCE ? container(child, Level.SCOPE)
        : child instanceof Metric metric ? metric(metric) : item(child));
    if (allDropped(first) && emptyMetrics == emptyBefore) return Optional.empty();
    Message owner = (Message) m.getField(Otlp.field(m, 1));
    List<KeyValue> list = new ArrayList<>(Otlp.attributes(owner));
    apply(list, shared(edits.subList(first, item), level));
    if (!list.equals(Otlp.attributes(owner))) {
      out.setField(Otlp.field(m, 1), Otlp.withAttributes(owner, list).build());
    }
    return Optional.of(out.build());
  }

  private Optional<Message> metric(Metric metric) {
    int first = item;
    Metric.Builder out = metric.toBuilder();
    Otlp.data(metric).ifPresent(field -> {
      Message data = (Message) metric.getField(field);
      Message.Builder left = data.toBuilder();
      children(data, 1, left, this::item);
      out.setField(field, left.build());
    });
    if (item == first) emptyMetrics++;
    return allDropped(first) ? Optional.empty() : Optional.of(out.build());
  }

  private Optional<Message> item(Message m) {
    List<Edit> own = edits.get(item++);
    if (drops(own)) return Optional.empty();
    List<KeyValue> list = new ArrayList<>(Otlp.attributes(m));
    apply(list, own.stream().filter(e -> e.field.level() == Level.ITEM).toList());
    return Optional.of(Otlp.withAttributes(m, list).build());
  }

  private static boolean drops(List<Edit> edits) {
    return edits.stream().anyMatch(e -> e.kind == Kind.DROP);
  }

  /** True if there were items since {@code first} and none is left. */
  private boolean allDropped(int first) {
    return item > first && edits.subList(first, item).stream().allMatch(EditModel::drops);
  }

  /** The edits of one resource or scope: an equal one of an earlier item counts. */
  private static List<Edit> shared(List<List<Edit>> edits, Level level) {
    List<Edit> result = new ArrayList<>();
    Map<Edit, Integer> seen = new HashMap<>();
    for (int i = 0; i < edits.size(); i++) {
      for (Edit e : edits.get(i)) {
        if (e.kind == Kind.DROP || e.field.level() != level) continue;
        if (e.kind == Kind.RENAME && e.text.equals(e.field.key())) continue;
        if (seen.computeIfAbsent(content(e), k -> -1) == -1) seen.put(content(e), i);
        if (seen.get(content(e)) == i) result.add(e);
      }
    }
    return result;
  }

  private static Edit content(Edit e) {
    boolean text = e.kind == Kind.RENAME || e.kind == Kind.TEXT;
    boolean bits = e.kind == Kind.INT || e.kind == Kind.DOUBLE || e.kind == Kind.BOOL;
    return new Edit(e.kind, e.field, text ? e.text : "", bits ? e.bits : 0);
  }

  private static void apply(List<KeyValue> list, List<Edit> edits) {
    List<Edit> effective = new ArrayList<>();
    for (Edit e : edits) {
      boolean needsIt = e.kind == Kind.RENAME || e.kind == Kind.HASH || e.kind == Kind.REMOVE;
      if (e.kind == Kind.RENAME && e.text.equals(e.field.key())) continue;
      if (!effective.isEmpty() || !needsIt || find(list, e.field.key()) >= 0) effective.add(e);
    }
    Set<String> named = new HashSet<>();
    for (Edit e : effective) {
      named.add(e.field.key());
      if (e.kind == Kind.RENAME) named.add(e.text);
    }
    Set<String> seen = new HashSet<>();
    list.removeIf(a -> named.contains(a.getKey()) && !seen.add(a.getKey()));
    for (Edit e : effective) applyOne(list, e);
  }

  private static void applyOne(List<KeyValue> list, Edit e) {
    int at = find(list, e.field.key());
    AnyValue.Builder value = AnyValue.newBuilder();
    switch (e.kind) {
      case RENAME -> {
        if (at < 0) return;
        KeyValue renamed = list.get(at).toBuilder().setKey(e.text).build();
        list.set(at, renamed);
        list.removeIf(a -> a != renamed && a.getKey().equals(e.text));
        return;
      }
      case REMOVE -> {
        if (at >= 0) list.remove(at);
        return;
      }
      case HASH -> {
        if (at < 0) return;
        value.setStringValue(sha256(list.get(at).getValue()));
      }
      case TEXT -> value.setStringValue(e.text);
      case INT -> value.setIntValue(e.bits);
      case DOUBLE -> value.setDoubleValue(Double.longBitsToDouble(e.bits));
      default -> value.setBoolValue(e.bits != 0);
    }
    if (at >= 0) list.set(at, list.get(at).toBuilder().setValue(value).build());
    else list.add(KeyValue.newBuilder().setKey(e.field.key()).setValue(value).build());
  }

  private static int find(List<KeyValue> list, String key) {
    for (int i = 0; i < list.size(); i++) if (list.get(i).getKey().equals(key)) return i;
    return -1;
  }

  static String sha256(AnyValue v) {
    byte[] shown = switch (v.getValueCase()) {
      case STRING_VALUE -> v.getStringValue().getBytes(StandardCharsets.UTF_8);
      case INT_VALUE -> Long.toString(v.getIntValue()).getBytes(StandardCharsets.UTF_8);
      case DOUBLE_VALUE -> Double.toString(v.getDoubleValue()).getBytes(StandardCharsets.UTF_8);
      case BOOL_VALUE -> Boolean.toString(v.getBoolValue()).getBytes(StandardCharsets.UTF_8);
      case BYTES_VALUE -> v.getBytesValue().toByteArray();
      case ARRAY_VALUE -> v.getArrayValue().toByteArray();
      case KVLIST_VALUE -> v.getKvlistValue().toByteArray();
      case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> new byte[0];
    };
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(shown));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
