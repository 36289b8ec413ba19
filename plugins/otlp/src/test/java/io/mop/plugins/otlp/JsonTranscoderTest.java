package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import io.mop.testkit.TestContext;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTranscoderTest {
  private static final int LIMIT = 8 << 20;

  private final FakeIntake intake = new FakeIntake();
  private final Gate gate = new Gate(intake, LIMIT, new TestContext("receivers.otlp"));

  @AfterEach
  void nothingIsLeft() {
    assertThat(intake.openLandings.get()).isZero();
    assertThat(intake.faults).isEmpty();
  }

  private byte[] transcode(Signal signal, byte[] json) throws Malformed, Refused, Growing.TooLarge {
    Growing out = JsonTranscoder.transcode(gate, signal, ByteBuffer.wrap(json));
    byte[] bytes = new byte[out.size()];
    out.filled().get(bytes);
    out.cancel();
    return bytes;
  }

  private byte[] transcode(Signal signal, String json) throws Malformed, Refused, Growing.TooLarge {
    return transcode(signal, json.getBytes(StandardCharsets.UTF_8));
  }

  private Span span(String fields) throws Exception {
    String json = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" + fields + "}]}]}]}";
    return ExportTraceServiceRequest.parseFrom(transcode(Signal.TRACES, json)).getResourceSpans(0).getScopeSpans(0)
        .getSpans(0);
  }

  private void assertMalformed(String json, String message) {
    assertThatThrownBy(() -> transcode(Signal.TRACES, json)).isInstanceOf(Malformed.class)
        .hasMessageContaining(message);
  }

  private void assertMalformedSpan(String fields, String message) {
    assertMalformed("{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{" + fields + "}]}]}]}", message);
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Signal.class)
  void equalsWhatProtobufJavaMakesOfIt(Signal signal) throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      RandomMessages messages = new RandomMessages(seed);
      Message message = messages.message(OtlpSchemaTest.descriptor(signal), 1);
      byte[] bytes = transcode(signal, messages.json(message));
      assertThat(DynamicMessage.parseFrom(OtlpSchemaTest.descriptor(signal), bytes)).as("seed %s", seed)
          .isEqualTo(message);
      // Minimal lengths, no defaults written: as long as protobuf's own.
      assertThat(bytes).as("seed %s", seed).hasSize(message.getSerializedSize());
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Signal.class)
  void changedBytesNeverDoMoreThanFail(Signal signal) throws Exception {
    Random random = new Random(11);
    int taken = 0;
    for (int seed = 0; seed < 40; seed++) {
      RandomMessages messages = new RandomMessages(seed);
      byte[] json = messages.json(messages.message(OtlpSchemaTest.descriptor(signal), 1))
          .getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 100; i++) {
        byte[] changed = json.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
          byte[] signs = "{}[]\",:0e-.\\\0\u00ff nt".getBytes(StandardCharsets.ISO_8859_1);
          changed[random.nextInt(changed.length)] = signs[random.nextInt(signs.length)];
        }
        try {
          DynamicMessage.parseFrom(OtlpSchemaTest.descriptor(signal), transcode(signal, changed));
          taken++;
        } catch (Malformed e) {
          assertThat(e.getMessage()).isNotBlank();
        }
      }
    }
    assertThat(taken).isPositive();
  }

  @Test
  void everyPrefixOfARequestIsMalformed() {
    String json = "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"name\":\"a\",\"kind\":2}]}]}]}";
    for (int i = 0; i < json.length(); i++) {
      String prefix = json.substring(0, i);
      assertThatThrownBy(() -> transcode(Signal.TRACES, prefix)).isInstanceOf(Malformed.class);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "\"1700000000000000000\" | 1700000000000000000", "1700000000000000000 | 1700000000000000000", "0 | 0",
      "18446744073709551615 | -1", "\"18446744073709551615\" | -1", "1.7e18 | 1700000000000000000", "1.0 | 1",
      "1E2 | 100", "\"0007\" | 7", "0e999999999 | 0"})
  void wholeNumbersMayBeNumbersOrStrings(String written, long expected) throws Exception {
    assertThat(span("\"startTimeUnixNano\":" + written).getStartTimeUnixNano()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-1", "18446744073709551616", "\"x\"", "\"\"", "\" 1\"", "1.5", "true", "[1]", "{}",
      "1e999999999", "1e-999999999", "\"1e2147483647\"", "\"0x10\""})
  void whatIsNoWholeNumberIsSaidSo(String written) {
    assertMalformedSpan("\"startTimeUnixNano\":" + written,
        "/resourceSpans/0/scopeSpans/0/spans/0/startTimeUnixNano: expected a whole number");
  }

  @Test
  void numbersOf32BitsHaveTheirRange() throws Exception {
    assertThat(span("\"flags\":4294967295,\"droppedAttributesCount\":\"4294967295\"").getFlags()).isEqualTo(-1);
    assertMalformedSpan("\"flags\":4294967296", "expected a whole number from 0 to 4294967295, found 4294967296");
    assertMalformedSpan("\"kind\":2147483648", "expected a whole number from -2147483648 to 2147483647");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"1.5 | 1.5", "1 | 1", "\"1.5\" | 1.5", "\"NaN\" | NaN",
      "\"Infinity\" | Infinity", "\"-Infinity\" | -Infinity", "1e-400 | 0"})
  void doubles(String written, double expected) throws Exception {
    String json = "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"gauge\":{\"dataPoints\":[{\"asDouble\":"
        + written + "}]}}]}]}]}";
    NumberDataPoint point = ExportMetricsServiceRequest.parseFrom(transcode(Signal.METRICS, json)).getResourceMetrics(0)
        .getScopeMetrics(0).getMetrics(0).getGauge().getDataPoints(0);
    assertThat(point.hasAsDouble()).isTrue();
    assertThat(point.getAsDouble()).isEqualTo(Double.valueOf(expected));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"\"1d\"", "\" 1\"", "\"nan\"", "1e999", "true", "\"\""})
  void whatIsNoDoubleIsSaidSo(String written) {
    String json = "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"gauge\":{\"dataPoints\":[{\"asDouble\":"
        + written + "}]}}]}]}]}";
    assertThatThrownBy(() -> transcode(Signal.METRICS, json)).isInstanceOf(Malformed.class)
        .hasMessageContaining("/asDouble: expected a number");
  }

  @Test
  void enumsAreNumbersOrNames() throws Exception {
    assertThat(span("\"kind\":3").getKindValue()).isEqualTo(3);
    assertThat(span("\"kind\":\"SPAN_KIND_CLIENT\"").getKindValue()).isEqualTo(3);
    assertThat(span("\"kind\":77").getKindValue()).isEqualTo(77);
    assertMalformedSpan("\"kind\":\"CLIENT\"", "/kind: expected a number or one of SPAN_KIND_UNSPECIFIED, ");
  }

  @Test
  void idsAreHexInBothCases() throws Exception {
    Span span = span("\"traceId\":\"5B8EFFF798038103d269b633813fc60c\","
        + "\"spanId\":\"EEE19B7EC3C1B174\",\"parentSpanId\":\"\"");
    assertThat(java.util.HexFormat.of().formatHex(span.getTraceId().toByteArray()))
        .isEqualTo("5b8efff798038103d269b633813fc60c");
    assertThat(span.getParentSpanId().isEmpty()).isTrue();
    assertMalformedSpan("\"traceId\":\"abc\"", "expected an even number of hexadecimal digits, found abc");
    assertMalformedSpan("\"spanId\":\"zz\"", "expected a string of hexadecimal digits, found zz");
    assertMalformedSpan("\"spanId\":\"\u0661\u0662\"", "expected a string of hexadecimal digits");
    assertMalformedSpan("\"spanId\":7", "expected a string of hexadecimal digits, found 7");
  }

  @Test
  void bytesAreBase64OfEitherAlphabet() throws Exception {
    for (String written : new String[] {"+/8=", "-_8=", "-_8"}) {
      Span span = span("\"attributes\":[{\"key\":\"b\",\"value\":{\"bytesValue\":\"" + written + "\"}}]");
      assertThat(span.getAttributes(0).getValue().getBytesValue().toByteArray())
          .containsExactly((byte) 0xFB, (byte) 0xFF);
    }
    assertMalformedSpan("\"attributes\":[{\"value\":{\"bytesValue\":\"*\"}}]", "expected a string of base64");
  }

  @Test
  void valuesKeepTheirTypeEvenWithItsDefault() throws Exception {
    Span span = span("\"attributes\":[{\"value\":{\"stringValue\":\"\"}},{\"value\":{\"boolValue\":false}},"
        + "{\"value\":{\"intValue\":0}},{\"value\":{\"arrayValue\":{}}},{\"value\":{}},{\"value\":null}]");
    assertThat(span.getAttributes(0).getValue().hasStringValue()).isTrue();
    assertThat(span.getAttributes(1).getValue().hasBoolValue()).isTrue();
    assertThat(span.getAttributes(2).getValue().hasIntValue()).isTrue();
    assertThat(span.getAttributes(3).getValue().hasArrayValue()).isTrue();
    assertThat(span.getAttributes(4).hasValue()).isTrue();
    assertThat(span.getAttributes(5).hasValue()).isFalse();
  }

  @Test
  void bucketsBecomeLargerThanTheirJsonAndStillFit() throws Exception {
    String zeros = "0,".repeat(20_000) + "0";
    String json = "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"histogram\":{\"dataPoints\":["
        + "{\"count\":\"0\",\"bucketCounts\":[" + zeros + "],\"explicitBounds\":[]}]}}]}]}]}";
    byte[] bytes = transcode(Signal.METRICS, json);
    assertThat(bytes.length).isGreaterThan(3 * json.length());
    HistogramDataPoint point = ExportMetricsServiceRequest.parseFrom(bytes).getResourceMetrics(0).getScopeMetrics(0)
        .getMetrics(0).getHistogram().getDataPoints(0);
    assertThat(point.getBucketCountsCount()).isEqualTo(20_001);
    String larger = json.replace(zeros, "0,".repeat(2_000_000) + "0");
    assertThatThrownBy(() -> transcode(Signal.METRICS, larger)).isInstanceOf(Growing.TooLarge.class);
  }

  @Test
  void unknownNamesAreIgnoredWithAllTheyHold() throws Exception {
    Span span = span("\"unknown\":{\"a\":[1,{\"b\":null}],\"name\":\"no\"},"
        + "\"name\":\"yes\",\"trace_id\":\"zz\",\"Name\":7");
    assertThat(span).isEqualTo(Span.newBuilder().setName("yes").build());
  }

  @Test
  void nullIsAbsent() throws Exception {
    assertThat(span("\"name\":null,\"attributes\":null,\"status\":null,\"kind\":null"))
        .isEqualTo(Span.getDefaultInstance());
    assertMalformedSpan("\"attributes\":[null]", "/attributes/0: expected an object, KeyValue, found null");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
      "[] | line 1, column 1, : expected an object, ExportTraceServiceRequest, found [",
      "7 | expected an object, ExportTraceServiceRequest, found 7",
      "{\"resourceSpans\":{}} | /resourceSpans: expected an array, found {",
      "{\"resourceSpans\":[[]]} | /resourceSpans/0: expected an object, ResourceSpans, found [",
      "{} {} | expected the end after the request",
      "{\"resourceSpans\": nul} | not JSON at line 1, column",
      "{'a':1} | not JSON at line 1",
      "{\"resourceSpans\":[{\"schemaUrl\":7}]} | /resourceSpans/0/schemaUrl: expected a string, found 7",
      "{\"resourceSpans\":[{\"schemaUrl\":\"\\ud800\"}]} | without unpaired surrogates",
  })
  void errorsSayWhatAndWhere(String json, String message) {
    assertMalformed(json, message);
  }

  @Test
  void textThatIsNotUtf8IsMalformed() {
    byte[] json = "{\"resourceSpans\":[{\"schemaUrl\":\"?\"}]}".getBytes(StandardCharsets.ISO_8859_1);
    json[32] = (byte) 0xFF;
    assertThatThrownBy(() -> transcode(Signal.TRACES, json)).isInstanceOf(Malformed.class)
        .hasMessageContaining("UTF-8");
  }

  @ParameterizedTest(name = "{0} levels")
  @CsvSource({"48,true", "49,false", "100000,false"})
  void nestingIsLimitedToWhatProtobufParsersTake(int levels, boolean taken) throws Exception {
    String value = "{\"arrayValue\":{\"values\":[".repeat(levels) + "{\"intValue\":1}" + "]}}".repeat(levels);
    String json = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":" + value + "}]}]}]}";
    if (taken) {
      ExportLogsServiceRequest.parseFrom(transcode(Signal.LOGS, json));
    } else {
      assertThatThrownBy(() -> transcode(Signal.LOGS, json)).isInstanceOf(Malformed.class);
    }
  }

  @Test
  void unknownNestingIsLimitedToo() {
    assertMalformed("{\"x\":" + "[".repeat(100_000), "not JSON");
  }

  @Test
  void noRoomIsRefused() {
    intake.budget = 10;
    assertThatThrownBy(() -> transcode(Signal.TRACES, "{\"resourceSpans\":[]}")).isInstanceOf(Refused.class);
  }
}
