package io.mop.plugins.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Base64;

/** Reads the parser's current token as a value of a field's type and writes it as protobuf. */
final class JsonScalars {
  private static final int LONGEST_NUMBER = 400;
  private static final int MOST_DIGITS = 25;
  private static final int SAFE_DIGITS = 18;
  private static final int SHOWN = 40;
  private static final BigInteger UINT64_MAX = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
  private static final BigInteger INT64_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger INT64_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final long UINT32_MAX = 0xFFFF_FFFFL;

  private final JsonParser in;
  private final ProtoWriter out;

  JsonScalars(JsonParser in, ProtoWriter out) {
    this.in = in;
    this.out = out;
  }

  /**
   * Writes the current value.
   *
   * @param skipDefault write nothing for the type's default value
   * @param tagged write the field's tag first
   */
  void write(OtlpSchema.Field field, boolean skipDefault, boolean tagged)
      throws IOException, Malformed, Refused, Growing.TooLarge {
    switch (field.type()) {
      case STRING -> text(field, skipDefault);
      case BYTES -> bytes(field, base64(), skipDefault);
      case ID -> bytes(field, hex(), skipDefault);
      default -> number(field, skipDefault, tagged);
    }
  }

  private void text(OtlpSchema.Field field, boolean skipDefault)
      throws IOException, Malformed, Refused, Growing.TooLarge {
    if (in.currentToken() != JsonToken.VALUE_STRING) throw expected("a string");
    int length = in.getTextLength();
    if (length == 0 && skipDefault) return;
    out.tag(field.tag());
    if (!out.text(in.getTextCharacters(), in.getTextOffset(), length)) {
      throw expected("Unicode text without unpaired surrogates");
    }
  }

  private void bytes(OtlpSchema.Field field, byte[] value, boolean skipDefault) throws Refused, Growing.TooLarge {
    if (value.length == 0 && skipDefault) return;
    out.tag(field.tag());
    out.bytes(value);
  }

  private void number(OtlpSchema.Field field, boolean skipDefault, boolean tagged)
      throws IOException, Malformed, Refused, Growing.TooLarge {
    long bits = switch (field.type()) {
      case BOOL -> bool();
      case ENUM -> enumValue(field);
      case DOUBLE -> Double.doubleToRawLongBits(real());
      case INT32 -> signed32();
      case SINT32 -> zigzag(signed32());
      case UINT32, FIXED32 -> range(integer(false), 0, UINT32_MAX);
      case INT64, SFIXED64 -> integer(false);
      case UINT64, FIXED64 -> integer(true);
      default -> throw new IllegalStateException(field.type().name());
    };
    if (bits == 0 && skipDefault) return;
    if (tagged) out.tag(field.tag());
    switch (field.type().wireType) {
      case 1 -> out.fixed64(bits);
      case 5 -> out.fixed32((int) bits);
      default -> out.varint(bits);
    }
  }

  private long bool() throws IOException, Malformed {
    return switch (in.currentToken()) {
      case VALUE_TRUE -> 1;
      case VALUE_FALSE -> 0;
      default -> throw expected("true or false");
    };
  }

  private long enumValue(OtlpSchema.Field field) throws IOException, Malformed {
    if (in.currentToken() != JsonToken.VALUE_STRING) return signed32();
    int value = field.names().indexOf(in.getText());
    if (value < 0) throw expected("a number or one of " + String.join(", ", field.names()));
    return value;
  }

  private long signed32() throws IOException, Malformed {
    return range(integer(false), Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private static long zigzag(long value) {
    return (value << 1 ^ value >> 31) & UINT32_MAX;
  }

  private long range(long value, long min, long max) throws IOException, Malformed {
    if (value < min || value > max) throw expected("a whole number from " + min + " to " + max);
    return value;
  }

  /** A whole number, as a JSON number or a string; of 64 bits. */
  private long integer(boolean unsigned) throws IOException, Malformed {
    JsonToken token = in.currentToken();
    boolean number = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
    if (!number && token != JsonToken.VALUE_STRING) throw expected("a whole number or a string of one");
    int length = in.getTextLength();
    if (length > 0 && length <= SAFE_DIGITS) {
      long value = digits(in.getTextCharacters(), in.getTextOffset(), length);
      if (value >= 0) return value;
    }
    return large(unsigned);
  }

  /** The value of up to 18 digits; -1 if there is anything else. */
  private static long digits(char[] chars, int offset, int length) {
    long value = 0;
    for (int i = offset; i < offset + length; i++) {
      int digit = chars[i] - '0';
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  private long large(boolean unsigned) throws IOException, Malformed {
    BigInteger min = unsigned ? BigInteger.ZERO : INT64_MIN;
    BigInteger max = unsigned ? UINT64_MAX : INT64_MAX;
    try {
      String text = in.getText();
      if (text.length() <= LONGEST_NUMBER) {
        BigDecimal decimal = new BigDecimal(text);
        // An exponent of a billion is not to become a number of a billion digits.
        if (decimal.signum() == 0) return 0;
        if ((long) decimal.precision() - decimal.scale() <= MOST_DIGITS && decimal.scale() <= LONGEST_NUMBER) {
          BigInteger value = decimal.toBigIntegerExact();
          if (value.compareTo(min) >= 0 && value.compareTo(max) <= 0) return value.longValue();
        }
      }
    } catch (NumberFormatException e) {
      throw expected("a whole number or a string of one");
    } catch (ArithmeticException e) {
      // not whole: told below
    }
    throw expected("a whole number from " + min + " to " + max);
  }

  private double real() throws IOException, Malformed {
    JsonToken token = in.currentToken();
    if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      return finite(in.getDoubleValue());
    }
    if (token != JsonToken.VALUE_STRING) throw expected("a number");
    String text = in.getText();
    switch (text) {
      case "NaN":
        return Double.NaN;
      case "Infinity":
        return Double.POSITIVE_INFINITY;
      case "-Infinity":
        return Double.NEGATIVE_INFINITY;
      default:
        return decimal(text);
    }
  }

  private double decimal(String text) throws IOException, Malformed {
    try {
      // BigDecimal is strict where Double.parseDouble takes "1d" and " 1".
      if (text.length() <= LONGEST_NUMBER) return finite(new BigDecimal(text).doubleValue());
    } catch (NumberFormatException e) {
      // told below
    }
    throw expected("a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
  }

  private double finite(double value) throws IOException, Malformed {
    if (Double.isInfinite(value)) throw expected("a number in the range of a double");
    return value;
  }

  private byte[] base64() throws IOException, Malformed {
    if (in.currentToken() != JsonToken.VALUE_STRING) throw expected("a string of base64");
    try {
      return Base64.getDecoder().decode(in.getText().replace('-', '+').replace('_', '/'));
    } catch (IllegalArgumentException e) {
      throw expected("a string of base64");
    }
  }

  private byte[] hex() throws IOException, Malformed {
    if (in.currentToken() != JsonToken.VALUE_STRING) throw expected("a string of hexadecimal digits");
    char[] chars = in.getTextCharacters();
    int offset = in.getTextOffset();
    int length = in.getTextLength();
    if (length % 2 != 0) throw expected("an even number of hexadecimal digits");
    byte[] id = new byte[length / 2];
    for (int i = 0; i < id.length; i++) {
      int high = nibble(chars[offset + 2 * i]);
      int low = nibble(chars[offset + 2 * i + 1]);
      if ((high | low) < 0) throw expected("a string of hexadecimal digits");
      id[i] = (byte) (high << 4 | low);
    }
    return id;
  }

  /** Only ASCII: Character.digit takes digits of every script. */
  private static int nibble(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  /** The error that something else was expected where the parser is. */
  Malformed expected(String what) throws IOException {
    String found = in.currentToken() == null ? "the end" : in.getText();
    if (found.length() > SHOWN) found = found.substring(0, SHOWN) + "…";
    return new Malformed("line " + in.currentTokenLocation().getLineNr() + ", column "
        + in.currentTokenLocation().getColumnNr() + ", " + in.getParsingContext().pathAsPointer() + ": expected " + what
        + ", found " + found);
  }
}
