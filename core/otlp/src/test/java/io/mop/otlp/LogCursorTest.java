package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Value;
import java.nio.ByteBuffer;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogCursorTest {
  private final LogCursor cursor = new LogCursor();

  private void reset(byte[]... record) {
    cursor.reset(Schema.EMPTY, ByteBuffer.wrap(Hex.request(record)));
    cursor.next();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "no body,, EMPTY",
    "an empty one, 2A 00, EMPTY",
    "text, 2A 03 0A 01 61, TEXT",
    "a number in the last of two pieces, 2A 03 0A 01 61 10 05 2A 02 18 07, INT",
    "a number before an empty piece, 2A 02 18 07 2A 00, INT",
    "an array, 2A 02 2A 00, ARRAY",
    "a map, 2A 02 32 00, MAP"
  })
  void theBodyIsOfType(String what, String hex, Value.Type type) {
    reset(Hex.bytes(hex == null ? "" : hex));
    assertThat(cursor.body().type()).isEqualTo(type);
    if (type == Value.Type.TEXT) assertThat(cursor.body().text()).hasToString("a");
    if (type == Value.Type.INT) assertThat(cursor.body().integer()).isEqualTo(7);
  }

  @Test
  void everyUseAfterTheCallThrows() {
    reset(Hex.text(3, "INFO"));
    Value body = cursor.body();
    cursor.poison();
    List<ThrowingCallable> uses = List.of(cursor::next, cursor::time, cursor::observedTime, cursor::severity,
        cursor::severityText, cursor::body, cursor::traceIdHigh, cursor::traceIdLow, cursor::spanId, body::type);
    assertThat(uses).allSatisfy(use -> assertThatThrownBy(use).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used after"));
  }
}
