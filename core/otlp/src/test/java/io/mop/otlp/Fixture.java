package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Field;
import io.mop.api.data.Value;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Fields for tests, and protobuf's view of an attribute. */
final class Fixture {
  final FieldTable table = new FieldTable();
  final List<AttributeField> fields = new ArrayList<>();
  final Schema schema;

  /** Fields of about half of the keys on every level. */
  Fixture(Random random) {
    for (Level level : Level.values()) {
      for (String key : RandomOtlp.KEYS) {
        AttributeField field = table.field(level, key);
        if (random.nextBoolean()) fields.add(field);
      }
    }
    schema = Schema.of(fields);
  }

  static AnyValue first(List<KeyValue> attributes, Field field) {
    return attributes.stream().filter(a -> a.getKey().equals(field.key())).map(KeyValue::getValue).findFirst()
        .orElse(null);
  }

  /** Asserts that the value is what protobuf shows; null = absent. */
  static void assertSame(Value value, AnyValue expected) {
    assertThat(value.present()).isEqualTo(expected != null);
    if (expected == null) {
      assertThat(value.type()).isEqualTo(Value.Type.ABSENT);
      return;
    }
    Value.Type type = switch (expected.getValueCase()) {
      case STRING_VALUE -> Value.Type.TEXT;
      case BOOL_VALUE -> Value.Type.BOOL;
      case INT_VALUE -> Value.Type.INT;
      case DOUBLE_VALUE -> Value.Type.DOUBLE;
      case ARRAY_VALUE -> Value.Type.ARRAY;
      case KVLIST_VALUE -> Value.Type.MAP;
      case BYTES_VALUE -> Value.Type.BYTES;
      case STRING_VALUE_STRINDEX, VALUE_NOT_SET -> Value.Type.EMPTY;
    };
    assertThat(value.type()).isEqualTo(type);
    switch (type) {
      case TEXT -> assertThat(value.text()).hasToString(expected.getStringValue());
      case BOOL -> assertThat(value.bool()).isEqualTo(expected.getBoolValue());
      case INT -> assertThat(value.integer()).isEqualTo(expected.getIntValue());
      case DOUBLE -> assertThat(Double.doubleToRawLongBits(value.real()))
          .isEqualTo(Double.doubleToRawLongBits(expected.getDoubleValue()));
      default -> { }
    }
  }
}
