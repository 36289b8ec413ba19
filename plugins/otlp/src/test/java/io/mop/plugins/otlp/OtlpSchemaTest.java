package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of messages says what OTLP's own descriptors say, and nothing else. */
class OtlpSchemaTest {
  private final Set<String> seen = new HashSet<>();

  static Descriptor descriptor(Signal signal) {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.getDescriptor();
      case METRICS -> ExportMetricsServiceRequest.getDescriptor();
      case LOGS -> ExportLogsServiceRequest.getDescriptor();
    };
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Signal.class)
  void theTableIsTheDescriptor(Signal signal) {
    compare(descriptor(signal), OtlpSchema.request(signal));
  }

  private void compare(Descriptor expected, OtlpSchema.Message actual) {
    if (!seen.add(expected.getFullName())) return;
    assertThat(actual.name()).isEqualTo(expected.getName());
    assertThat(actual.fields()).as(actual.name()).hasSize(expected.getFields().size());
    for (FieldDescriptor field : expected.getFields()) {
      OtlpSchema.Field f = actual.fields().get(field.getJsonName());
      assertThat(f).as(field.getFullName()).isNotNull();
      assertThat(f.number()).as(field.getFullName()).isEqualTo(field.getNumber());
      assertThat(f.repeated()).as(field.getFullName()).isEqualTo(field.isRepeated());
      if (!field.isRepeated()) assertThat(f.presence()).as(field.getFullName()).isEqualTo(field.hasPresence());
      boolean id = f.type() == OtlpSchema.Type.ID;
      if (id) assertThat(field.getJsonName().toLowerCase(Locale.ROOT)).matches("(trace|span|parentspan)id");
      assertThat(id ? "BYTES" : f.type().name()).as(field.getFullName()).isEqualTo(field.getType().name());
      if (field.getType() == FieldDescriptor.Type.MESSAGE) compare(field.getMessageType(), f.message());
      if (field.getType() == FieldDescriptor.Type.ENUM) {
        for (EnumValueDescriptor value : field.getEnumType().getValues()) {
          assertThat(f.names().get(value.getNumber())).isEqualTo(value.getName());
        }
        assertThat(f.names()).hasSize(field.getEnumType().getValues().size());
      }
    }
  }
}
