package io.mop.otlp;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random OTLP requests as odd as the wire format permits: fields in any order, repeated single fields, messages in
 * pieces, unknown fields and groups, known fields of a wrong wire type, long varints, packed and unpacked lists.
 */
final class RandomOtlp {
  /** Few keys, so that they meet: in items, scopes, resources, edits and renames. */
  static final List<String> KEYS = List.of("a", "b", "http.route", "http.request.method", "http.request.header.x",
      "service.name", "service.instance.id", "k8s.pod.name", "exactly8", "ключ", "zzz.request.method");

  private static final Set<String> LONG_LISTS = Set.of("spans", "attributes", "data_points", "log_records");

  private final Random random;
  /** Share of the odd things, 0 to 1. */
  private final double odd;
  /** True if values may be arrays and maps. */
  private final boolean nested;

  RandomOtlp(long seed, double odd) {
    random = new Random(seed);
    this.odd = odd;
    nested = random.nextBoolean();
  }

  static Descriptor request(Signal signal) {
    return switch (signal) {
      case TRACES -> ExportTraceServiceRequest.getDescriptor();
      case METRICS -> ExportMetricsServiceRequest.getDescriptor();
      case LOGS -> ExportLogsServiceRequest.getDescriptor();
    };
  }

  byte[] request(Signal signal, int size) {
    return body(request(signal), size, 6);
  }

  private boolean oddly() {
    return random.nextDouble() < odd;
  }

  private byte[] body(Descriptor type, int size, int depth) {
    return join(fields(type, size, depth));
  }

  private List<byte[]> fields(Descriptor type, int size, int depth) {
    List<byte[]> fields = new ArrayList<>();
    for (FieldDescriptor field : type.getFields()) {
      boolean message = field.getType() == FieldDescriptor.Type.MESSAGE;
      if (message && type.getName().equals("AnyValue") && !nested) continue;
      // of profiles only; most attributes have nothing but a key and a value
      if (field.getName().endsWith("strindex") && !oddly()) continue;
      if (message && depth <= 0 && !type.getName().equals("KeyValue")) continue;
      int times = field.isRepeated() ? random.nextInt(LONG_LISTS.contains(field.getName()) ? 3 * size : size + 1)
          : field.getContainingOneof() != null ? random.nextInt(3) == 0 ? 1 : 0
          : random.nextInt(8) == 0 ? 0 : oddly() ? 2 : 1;
      if (field.isPackable() && random.nextBoolean()) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) packed.writeBytes(scalar(field));
        fields.add(delimited(field.getNumber(), packed.toByteArray()));
        continue;
      }
      for (int i = 0; i < times; i++) {
        if (message) {
          message(field, size, depth - 1, fields);
        } else {
          fields.add(concat(tag(field.getNumber(), wireType(field)), scalar(field)));
        }
      }
    }
    while (oddly()) fields.add(random.nextInt(fields.size() + 1), unknown(3));
    if (oddly()) Collections.shuffle(fields, random);
    return fields;
  }

  private void message(FieldDescriptor field, int size, int depth, List<byte[]> to) {
    List<byte[]> inner = fields(field.getMessageType(), size, depth);
    if (!field.isRepeated() && oddly()) {
      int cut = random.nextInt(inner.size() + 1);
      to.add(delimited(field.getNumber(), join(inner.subList(0, cut))));
      inner = inner.subList(cut, inner.size());
    }
    to.add(delimited(field.getNumber(), join(inner)));
  }

  private byte[] unknown(int depth) {
    int number = random.nextInt(3) == 0 ? 1 + random.nextInt(16) : 1 + random.nextInt((1 << 29) - 1);
    return switch (random.nextInt(depth == 0 ? 3 : 5)) {
      case 0 -> concat(tag(number, Wire.VARINT), varint(random.nextLong()));
      case 1 -> concat(tag(number, Wire.FIXED64), bytes(8));
      case 2 -> concat(tag(number, Wire.FIXED32), bytes(4));
      case 3 -> delimited(100 + random.nextInt(1000), bytes(random.nextInt(20)));
      default -> {
        ByteArrayOutputStream group = new ByteArrayOutputStream();
        group.writeBytes(tag(number, Wire.START_GROUP));
        for (int i = random.nextInt(3); i > 0; i--) group.writeBytes(unknown(depth - 1));
        group.writeBytes(tag(number, Wire.END_GROUP));
        yield group.toByteArray();
      }
    };
  }

  private static int wireType(FieldDescriptor field) {
    return switch (field.getType()) {
      case FIXED64, SFIXED64, DOUBLE -> Wire.FIXED64;
      case FIXED32, SFIXED32, FLOAT -> Wire.FIXED32;
      case STRING, BYTES -> Wire.LEN;
      default -> Wire.VARINT;
    };
  }

  private byte[] scalar(FieldDescriptor field) {
    return switch (field.getType()) {
      case FIXED64, SFIXED64, DOUBLE -> bytes(8);
      case FIXED32, SFIXED32, FLOAT -> bytes(4);
      case BOOL -> varint(random.nextInt(2));
      case ENUM -> varint(oddly() ? random.nextInt() : random.nextInt(3));
      case STRING -> sized(text(field.getName()).getBytes(StandardCharsets.UTF_8));
      case BYTES -> sized(bytes(idLength(field.getName())));
      default -> varint(random.nextLong() >>> random.nextInt(64));
    };
  }

  private String text(String field) {
    if (field.equals("key") && random.nextInt(20) > 0) return KEYS.get(random.nextInt(KEYS.size()));
    StringBuilder s = new StringBuilder();
    for (int n = random.nextInt(random.nextInt(10) == 0 ? 200 : 12); n > 0; n--) {
      s.appendCodePoint(random.nextInt(10) > 0 ? ' ' + random.nextInt(90)
          : random.nextBoolean() ? 0x80 + random.nextInt(0xD000) : 0x10000 + random.nextInt(0x100000));
    }
    return s.toString();
  }

  private int idLength(String field) {
    if (oddly()) return random.nextInt(20);
    return field.equals("trace_id") ? 16 : field.endsWith("span_id") ? 8 : random.nextInt(40);
  }

  private byte[] bytes(int n) {
    byte[] b = new byte[n];
    random.nextBytes(b);
    return b;
  }

  private byte[] delimited(int number, byte[] body) {
    return concat(tag(number, Wire.LEN), sized(body));
  }

  private byte[] sized(byte[] body) {
    return concat(varint(body.length), body);
  }

  private byte[] tag(int number, int wireType) {
    return varint((number << 3 | wireType) & 0xFFFFFFFFL);
  }

  private byte[] varint(long v) {
    int n = Wire.sizeOfVarint(v);
    int padded = oddly() && oddly() ? n + random.nextInt(11 - n) : n;
    byte[] b = new byte[padded];
    for (int i = 0; i < padded; i++, v >>>= 7) b[i] = (byte) (i == padded - 1 ? v : v | 0x80);
    return b;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    return join(List.of(a, b));
  }

  private static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }
}
