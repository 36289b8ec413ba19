package @package@;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Lines as an OTLP logs request; field numbers are those of opentelemetry-proto's logs.proto, common.proto and
 * resource.proto. A receiver of protobuf bytes would hand them on as they are.
 */
final class OtlpLogs {
  private OtlpLogs() {}

  /** @param observed Unix nanoseconds */
  static byte[] request(String file, long observed, List<String> lines) {
    Message scopeLogs = new Message();
    for (String line : lines) {
      Message body = new Message().bytes(1, utf8(line)); // AnyValue.string_value
      scopeLogs.message(2, new Message().message(5, body).fixed64(11, observed)); // LogRecord
    }
    Message value = new Message().bytes(1, utf8(file));
    Message attribute = new Message().bytes(1, utf8("log.file.path")).message(2, value); // KeyValue
    Message resource = new Message().message(1, attribute);
    Message resourceLogs = new Message().message(1, resource).message(2, scopeLogs);
    return new Message().message(1, resourceLogs).out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A protobuf message, written field by field. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Message message(int field, Message inner) {
      return bytes(field, inner.out.toByteArray());
    }

    Message bytes(int field, byte[] bytes) {
      out.write(field << 3 | 2);
      for (int n = bytes.length; ; n >>>= 7) {
        out.write(n > 0x7f ? n & 0x7f | 0x80 : n);
        if (n <= 0x7f) break;
      }
      out.writeBytes(bytes);
      return this;
    }

    Message fixed64(int field, long value) {
      out.write(field << 3 | 1);
      for (int i = 0; i < 64; i += 8) out.write((int) (value >>> i));
      return this;
    }
  }
}
