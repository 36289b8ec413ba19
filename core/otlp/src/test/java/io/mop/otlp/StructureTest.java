package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StructureTest {
  @ParameterizedTest(name = "{0}")
  @EnumSource(Signal.class)
  void nothingIsARequestWithoutItems(Signal signal) throws Malformed {
    assertThat(Structure.check(signal, ByteBuffer.allocate(0))).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      length beyond the end     | 0a05 1200          | byte 1, in ExportTraceServiceRequest: field 1 has length 5, \
      2 bytes are left; expected a length of 0 to 2
      length beyond its message | 0a04 1205 1200     | byte 3, in ResourceSpans: field 2 has length 5, 2 bytes are \
      left; expected a length of 0 to 2
      negative length           | 0a ffffffff0f      | byte 1, in ExportTraceServiceRequest: field 1 has length -1, \
      0 bytes are left; expected a length of 0 to 0
      tag cut off               | 8a                 | byte 0, in ExportTraceServiceRequest: a varint goes on past \
      the end; expected its last byte
      length missing            | 0a                 | byte 1, in ExportTraceServiceRequest: a varint goes on past \
      the end; expected its last byte
      varint of eleven bytes    | 10 8080808080808080808001 | byte 1, in ExportTraceServiceRequest: a varint of more \
      than 10 bytes; expected at most 10
      fixed64 cut off           | 11 00000000        | byte 1, in ExportTraceServiceRequest: field 2 needs 8 bytes, \
      4 are left; expected a whole field
      field number 0            | 0200               | byte 0, in ExportTraceServiceRequest: field number 0; \
      expected 1 or more
      wire type 6               | 16                 | byte 0, in ExportTraceServiceRequest: wire type 6; expected 0 \
      to 5
      group without an end      | 1b 0800            | byte 3, in ExportTraceServiceRequest: ends inside group 3; \
      expected the end of the group
      end of another group      | 1b 24              | byte 1, in ExportTraceServiceRequest: ends group 4; expected \
      the end of group 3
      end without a group       | 1c                 | byte 0, in ExportTraceServiceRequest: ends a group that was \
      not begun; expected a field
      name not UTF-8            | 0a08 1206 1204 2a02 c328 | byte 8, in Span: field 5 is not UTF-8; expected UTF-8
      """)
  void saysWhatIsWrongWhereAndWhatWasExpected(String name, String hex, String message) {
    assertThatThrownBy(() -> Structure.check(Signal.TRACES, ByteBuffer.wrap(Hex.bytes(hex))))
        .isInstanceOf(Malformed.class).hasMessage(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      tag of ten bytes          | 8a808080808080808000 00
      length of ten bytes       | 0a 80808080808080808000
      an empty group            | 1b 1c
      groups in groups          | 1b 23 2800 24 1c
      group in a span           | 0a06 1204 1202 1b1c
      items of a wrong type     | 0800 0d 00000000
      a piece of a status       | 0a0a 1208 1206 7a02 1802 7a00
      """)
  void acceptsWhatProtobufPermits(String name, String hex) throws Exception {
    byte[] wire = Hex.bytes(hex);
    assertThat(Structure.check(Signal.TRACES, ByteBuffer.wrap(wire)))
        .isEqualTo(StructureDifferentialTest.items(ExportTraceServiceRequest.parseFrom(wire)));
  }

  @ParameterizedTest(name = "attribute with its {0} as high as {1}")
  @CsvSource({"key, 127", "key, 128", "value, 127", "value, 128", "both, 60", "both, 200", "value, 100000"})
  void attributesOfAnyLengthPass(String which, int length) throws Exception {
    String long_ = "ä".repeat(length / 2) + "x".repeat(length % 2);
    byte[] attribute = Hex.keyValue(9, which.equals("value") ? "k" : long_, which.equals("key") ? "v" : long_);
    byte[] wire = Hex.request(attribute, attribute, Hex.keyValue(9, "a", "b"), attribute);
    assertThat(Structure.check(Signal.TRACES, ByteBuffer.wrap(wire))).isOne();
  }

  @ParameterizedTest(name = "invalid byte {0} of the request")
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void findsInvalidUtf8InAnyOfManyAttributes(int which) {
    byte[][] attributes = new byte[6][];
    for (int i = 0; i < attributes.length; i++) attributes[i] = Hex.keyValue(9, "key." + i, "value of attribute " + i);
    // the last byte of a value would begin a character of two bytes
    attributes[which][attributes[which].length - 1] = (byte) 0xC3;
    byte[] wire = Hex.request(attributes);
    assertThatThrownBy(() -> ExportTraceServiceRequest.parseFrom(wire))
        .isInstanceOf(InvalidProtocolBufferException.class);
    assertThatThrownBy(() -> Structure.check(Signal.TRACES, ByteBuffer.wrap(wire)))
        .isInstanceOf(Malformed.class).hasMessageContaining("in AnyValue: field 1 is not UTF-8");
  }

  /** An attribute "k" with this AnyValue. */
  private static byte[] valued(String any) {
    return Hex.request(Hex.keyValue(9, "a", "b"), Hex.field(9, Hex.text(1, "k"), Hex.field(2, Hex.bytes(any))),
        Hex.keyValue(9, "c", "d"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      integer                      | 18 05                         | true
      integer of two bytes         | 18 c801                       | true
      integer of ten bytes         | 18 ffffffffffffffffff01       | true
      integer of eleven bytes      | 18 ffffffffffffffffffff01     | false
      integer cut off              | 18 80                         | false
      integer cut off after more   | 18 808080                     | false
      integer and nothing          | 18                            | false
      integer and another          | 18 05 18 06                   | true
      boolean                      | 10 01                         | true
      boolean cut off              | 10 ff                         | false
      double                       | 21 0000000000000080           | true
      double cut off               | 21 00000000000080             | false
      double and a tag             | 21 0000000000000080 18        | false
      text                         | 0a 02 c3a4                    | true
      text not UTF-8               | 0a 02 c328                    | false
      text too long                | 0a 03 6161                    | false
      text and an integer          | 0a 01 61 18 01                | true
      bytes                        | 3a 02 c328                    | true
      nothing                      | ''                            | true
      """)
  void valuesOfAttributes(String name, String any, boolean accepted) {
    assertThat(accepts(valued(any))).isEqualTo(parses(valued(any))).isEqualTo(accepted);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      bucket counts                | 4a | 3208 0000000000000000           | true
      two bounds                   | 4a | 3a10 00000000000000000000000000000000 | true
      bounds not of eight bytes    | 4a | 3a09 000000000000000000         | false
      counts of four bytes         | 4a | 3204 00000000                   | false
      exponential buckets          | 52 | 4204 1202 c801                  | true
      exponential buckets cut off  | 52 | 4204 1202 01c8                  | false
      """)
  void packedListsOfMetrics(String name, String data, String point, boolean accepted) {
    byte[] metric = Hex.field(Integer.parseInt(data, 16) >> 3, Hex.field(1, Hex.bytes(point)));
    byte[] wire = Hex.field(1, Hex.field(2, Hex.field(2, metric)));
    boolean checked = true;
    boolean parsed = true;
    try {
      assertThat(Structure.check(Signal.METRICS, ByteBuffer.wrap(wire))).isOne();
    } catch (Malformed e) {
      checked = false;
    }
    try {
      ExportMetricsServiceRequest.parseFrom(wire);
    } catch (InvalidProtocolBufferException e) {
      parsed = false;
    }
    assertThat(checked).isEqualTo(parsed).isEqualTo(accepted);
  }

  @Test
  void anAttributeLikeFieldOfNumberZeroIsNone() {
    byte[] attribute = Hex.keyValue(9, "key.of.some.length", "value");
    attribute[0] = 0x02;
    byte[] status = Hex.field(15, attribute);
    assertThatThrownBy(() -> Structure.check(Signal.TRACES, ByteBuffer.wrap(Hex.request(status))))
        .isInstanceOf(Malformed.class).hasMessageContaining("in Status: field number 0");
    attribute[0] = 0;
    assertThatThrownBy(() -> Structure.check(Signal.TRACES, ByteBuffer.wrap(Hex.request(Hex.field(15, attribute)))))
        .isInstanceOf(Malformed.class).hasMessageContaining("in Status: field number 0");
  }

  @ParameterizedTest(name = "{0} levels of arrays")
  @CsvSource({"47, true", "48, false", "5000, false"})
  void nestsAsDeepAsProtobufDoes(int arrays, boolean accepted) {
    // request, resource, scope, span and KeyValue are above; an array takes two levels, AnyValue and ArrayValue
    byte[] value = Hex.field(2, Hex.text(1, "x"));
    for (int i = 0; i < arrays; i++) value = Hex.field(2, Hex.field(5, Hex.field(1, unwrap(value))));
    byte[] wire = Hex.request(Hex.field(9, Hex.text(1, "k"), value));
    if (accepted) {
      assertThat(accepts(wire)).isTrue();
      assertThat(parses(wire)).isTrue();
    } else {
      assertThatThrownBy(() -> Structure.check(Signal.TRACES, ByteBuffer.wrap(wire)))
          .isInstanceOf(Malformed.class).hasMessageEndingWith("nested deeper than 100 messages; expected at most 100");
      assertThat(parses(wire)).isFalse();
    }
  }

  @ParameterizedTest(name = "{0} groups")
  @CsvSource({"100, true", "101, false"})
  void nestsGroupsAsDeepAsProtobufDoes(int groups, boolean accepted) {
    byte[] wire = Hex.bytes("1b".repeat(groups) + "1c".repeat(groups));
    assertThat(accepts(wire)).isEqualTo(accepted).isEqualTo(parses(wire));
  }

  @Test
  void checksLargeRequestsAndThenSmallOnes() throws Exception {
    byte[] large = Samples.traces(10_000, 20).toByteArray();
    assertThat(large).hasSizeGreaterThan(5 << 20);
    assertThat(Structure.check(Signal.TRACES, Samples.direct(large))).isEqualTo(10_000);
    byte[] small = Samples.traces(3, 1).toByteArray();
    assertThat(Structure.check(Signal.TRACES, Samples.direct(small))).isEqualTo(3);
  }

  /** The body of the value field. */
  private static byte[] unwrap(byte[] field) {
    ByteBuffer b = ByteBuffer.wrap(field);
    b.get();
    while (b.get() < 0) {
      // the length
    }
    byte[] body = new byte[b.remaining()];
    b.get(body);
    return body;
  }

  private static boolean accepts(byte[] wire) {
    try {
      Structure.check(Signal.TRACES, ByteBuffer.wrap(wire));
      return true;
    } catch (Malformed e) {
      return false;
    }
  }

  private static boolean parses(byte[] wire) {
    try {
      ExportTraceServiceRequest.parseFrom(wire);
      return true;
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }
}
