package io.mop.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An editor whose verdict follows from what it sees, and the same done on protobuf objects. */
final class ValuesModel implements ValueEditor {
  private static final Map<String, Owner> OWNERS = Map.ofEntries(
      Map.entry("Resource", Owner.RESOURCE), Map.entry("InstrumentationScope", Owner.SCOPE),
      Map.entry("Metric", Owner.METRIC), Map.entry("Span", Owner.ITEM), Map.entry("LogRecord", Owner.ITEM),
      Map.entry("NumberDataPoint", Owner.ITEM), Map.entry("HistogramDataPoint", Owner.ITEM),
      Map.entry("ExponentialHistogramDataPoint", Owner.ITEM), Map.entry("SummaryDataPoint", Owner.ITEM),
      Map.entry("Event", Owner.EVENT), Map.entry("Link", Owner.LINK), Map.entry("Exemplar", Owner.EXEMPLAR));
  private static final Text NOTE = Text.of("note");
  private static final Text NOTED = Text.of("ü");

  private final int seed;
  /** One in so many values changes. */
  private final int rarity;

  ValuesModel(int seed, int rarity) {
    this.seed = seed;
    this.rarity = rarity;
  }

  /** Empty = stays; an empty list = goes; else the new text. */
  private Optional<List<String>> verdict(Owner owner, String key, Value.Type type, String shown) {
    int h = (((seed * 31 + owner.ordinal()) * 31 + key.hashCode()) * 31 + type.ordinal()) * 31 + shown.hashCode();
    h = h * 0x9E3779B9 >>> 8;
    if (h % rarity != 0) return Optional.empty();
    h /= rarity;
    return Optional.of(h % 3 == 0 ? List.of() : List.of("м".repeat(h % 150)));
  }

  private boolean notes(Owner owner) {
    // a resource or scope may come in pieces
    return owner != Owner.RESOURCE && owner != Owner.SCOPE && (owner.ordinal() + seed) % 2 == 0;
  }

  @Override
  public void value(Owner owner, Text key, Value value, Edit edit) {
    String shown = switch (value.type()) {
      case TEXT -> value.text().toString();
      case INT -> Long.toString(value.integer());
      case BOOL -> Boolean.toString(value.bool());
      default -> "";
    };
    verdict(owner, key.toString(), value.type(), shown).ifPresent(v -> {
      if (v.isEmpty()) {
        edit.remove();
      } else {
        byte[] utf8 = ("<" + v.get(0) + ">").getBytes(StandardCharsets.UTF_8);
        if (seed % 2 == 0) edit.replace(utf8, 0, utf8.length);
        edit.replace(utf8, 1, utf8.length - 1);
      }
    });
  }

  @Override
  public void end(Owner owner, Append append) {
    if (!notes(owner)) return;
    append.add(NOTE, seed);
    append.add(NOTED, NOTE);
  }

  /** What the request becomes. */
  Message apply(Message m) {
    Message.Builder out = m.toBuilder();
    Owner owner = OWNERS.get(m.getDescriptorForType().getName());
    m.getAllFields().forEach((field, value) -> {
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) return;
      if (value instanceof AnyValue any && m instanceof LogRecord) {
        edited(Owner.BODY, "", any).ifPresentOrElse(v -> out.setField(field, v), () -> out.clearField(field));
      } else if (field.isRepeated()) {
        List<Message> list = ((List<?>) value).stream().map(Message.class::cast).toList();
        out.clearField(field);
        for (Message each : list) {
          Optional<? extends Message> kept =
              each instanceof KeyValue kv ? edited(owner, kv) : Optional.of(apply(each));
          kept.ifPresent(k -> out.addRepeatedField(field, k));
        }
      } else {
        out.setField(field, apply((Message) value));
      }
    });
    if (owner != null && notes(owner)) {
      m.getDescriptorForType().getFields().stream()
          .filter(f -> f.isRepeated() && f.getJavaType() == FieldDescriptor.JavaType.MESSAGE
              && f.getMessageType().getName().equals("KeyValue"))
          .forEach(f -> out.addRepeatedField(f, KeyValue.newBuilder().setKey("note").setValue(AnyValue.newBuilder()
              .setIntValue(seed)).build()).addRepeatedField(f, Samples.text("ü", "note")));
    }
    return out.build();
  }

  private Optional<KeyValue> edited(Owner owner, KeyValue kv) {
    Optional<AnyValue> value = edited(owner, kv.getKey(), kv.getValue());
    // a value that was not there stays so, unless it changed
    if (value.isPresent() && value.get().equals(kv.getValue())) return Optional.of(kv);
    return value.map(v -> kv.toBuilder().setValue(v).build());
  }

  private Optional<AnyValue> edited(Owner owner, String key, AnyValue any) {
    Value.Type type = switch (any.getValueCase()) {
      case STRING_VALUE -> Value.Type.TEXT;
      case BOOL_VALUE -> Value.Type.BOOL;
      case INT_VALUE -> Value.Type.INT;
      case DOUBLE_VALUE -> Value.Type.DOUBLE;
      case ARRAY_VALUE -> Value.Type.ARRAY;
      case KVLIST_VALUE -> Value.Type.MAP;
      case BYTES_VALUE -> Value.Type.BYTES;
      case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> Value.Type.EMPTY;
    };
    String shown = switch (type) {
      case TEXT -> any.getStringValue();
      case INT -> Long.toString(any.getIntValue());
      case BOOL -> Boolean.toString(any.getBoolValue());
      default -> "";
    };
    Optional<List<String>> verdict = verdict(owner, key, type, shown);
    if (verdict.isPresent()) {
      return verdict.get().stream().findFirst().map(s -> AnyValue.newBuilder().setStringValue(s).build());
    }
    if (type == Value.Type.ARRAY) {
      List<AnyValue> elements = new ArrayList<>();
      any.getArrayValue().getValuesList().forEach(v -> edited(owner, key, v).ifPresent(elements::add));
      ArrayValue.Builder array = any.getArrayValue().toBuilder().clearValues().addAllValues(elements);
      return Optional.of(any.toBuilder().setArrayValue(array).build());
    }
    if (type == Value.Type.MAP) {
      List<KeyValue> entries = new ArrayList<>();
      any.getKvlistValue().getValuesList().forEach(v -> edited(owner, v).ifPresent(entries::add));
      KeyValueList.Builder map = any.getKvlistValue().toBuilder().clearValues().addAllValues(entries);
      return Optional.of(any.toBuilder().setKvlistValue(map).build());
    }
    return Optional.of(any);
  }
}
