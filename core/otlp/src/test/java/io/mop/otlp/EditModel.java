package io.mop.otlp;

import io.mop.api.data.Edits;
import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

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

  private EditModel() {}

  /** Random edits for each of {@code items} spans; the same few on many, as a part would make them. */
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

  static ExportTraceServiceRequest apply(ExportTraceServiceRequest request, List<List<Edit>> edits) {
    ExportTraceServiceRequest.Builder out = request.toBuilder().clearResourceSpans();
    int item = 0;
    for (ResourceSpans resource : request.getResourceSpansList()) {
      ResourceSpans.Builder r = resource.toBuilder().clearScopeSpans();
      int first = item;
      boolean any = false;
      for (ScopeSpans scope : resource.getScopeSpansList()) {
        ScopeSpans.Builder s = scope.toBuilder().clearSpans();
        int firstOfScope = item;
        for (Span span : scope.getSpansList()) {
          List<Edit> own = edits.get(item++);
          if (own.stream().anyMatch(e -> e.kind == Kind.DROP)) continue;
          List<KeyValue> list = new ArrayList<>(span.getAttributesList());
          apply(list, own.stream().filter(e -> e.field.level() == Level.ITEM).toList());
          s.addSpans(span.toBuilder().clearAttributes().addAllAttributes(list));
        }
        if (s.getSpansCount() == 0 && scope.getSpansCount() > 0) continue;
        List<KeyValue> list = new ArrayList<>(scope.getScope().getAttributesList());
        apply(list, shared(edits.subList(firstOfScope, item), Level.SCOPE));
        if (!list.equals(scope.getScope().getAttributesList())) {
          s.getScopeBuilder().clearAttributes().addAllAttributes(list);
        }
        r.addScopeSpans(s);
        any |= s.getSpansCount() > 0;
      }
      if (item > first && !any) continue;
      List<KeyValue> list = new ArrayList<>(resource.getResource().getAttributesList());
      apply(list, shared(edits.subList(first, item), Level.RESOURCE));
      if (!list.equals(resource.getResource().getAttributesList())) {
        r.getResourceBuilder().clearAttributes().addAllAttributes(list);
      }
      out.addResourceSpans(r);
    }
    return out.build();
  }

  /** The edits of one resource or scope: an equal one of an earlier span counts. */
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
