package io.mop.plugins.otlp;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** Random messages of any type, and protobuf-java's JSON of them made OTLP's: ids in hex. */
final class RandomMessages {
  private static final String[] TEXTS = {"", "a", "naïve ünïcode", "日本語", "emoji 😀 𝄞",
      "quote \" back \\ slash / tab \t\u0001",
      "x".repeat(127), "y".repeat(128), "z".repeat(9000) + "é", "\u2028\ufeff\uffff"};
  private static final long[] LONGS = {0, 1, -1, 127, 128, Long.MAX_VALUE, Long.MIN_VALUE, 1_700_000_000_000_000_000L};
  private static final double[] DOUBLES = {0, -0.0, 1, -1.5, 1e300, 4.9e-324, Double.NaN, Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY, 0.1};
  private static final int[] INTS = {0, 1, -1, 127, 128, 65535, Integer.MAX_VALUE, Integer.MIN_VALUE};

  private final Random random;

  RandomMessages(long seed) {
    random = new Random(seed);
  }

  Message message(Descriptor type, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      OneofDescriptor oneof = field.getRealContainingOneof();
      if (oneof != null && message.hasOneof(oneof)) continue;
      boolean structure = depth < 4;
      boolean tooDeep = field.getType() == FieldDescriptor.Type.MESSAGE && depth > 9;
      if (tooDeep || random.nextInt(4) == 0 && !structure) continue;
      if (field.isRepeated()) {
        for (int i = random.nextInt(3); i > 0; i--) message.addRepeatedField(field, value(field, depth));
      } else if (oneof == null || random.nextBoolean()) {
        message.setField(field, value(field, depth));
      }
    }
    return message.build();
  }

  private Object value(FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> random.nextInt(3) == 0 ? random.nextInt() : INTS[random.nextInt(INTS.length)];
      case LONG -> random.nextInt(3) == 0 ? random.nextLong() : LONGS[random.nextInt(LONGS.length)];
      case DOUBLE -> DOUBLES[random.nextInt(DOUBLES.length)];
      case STRING -> TEXTS[random.nextInt(TEXTS.length)];
      case ENUM -> enumValue(field.getEnumType());
      case BYTE_STRING -> bytes();
      case MESSAGE -> message(field.getMessageType(), depth + 1);
      default -> throw new IllegalStateException(field.getFullName());
    };
  }

  private Object enumValue(EnumDescriptor type) {
    int number = random.nextInt(8) == 0 ? 1000 : random.nextInt(type.getValues().size());
    return type.findValueByNumberCreatingIfUnknown(number);
  }

  private ByteString bytes() {
    byte[] bytes = new byte[new int[] {0, 1, 8, 16, 300}[random.nextInt(5)]];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  /** OTLP/JSON of a message; enums as names or, as OTLP asks, as numbers. */
  String json(Message message) {
    JsonFormat.Printer printer = JsonFormat.printer();
    if (random.nextBoolean()) printer = printer.printingEnumsAsInts();
    if (random.nextBoolean()) printer = printer.omittingInsignificantWhitespace();
    try {
      JsonElement tree = JsonParser.parseString(printer.print(message));
      hexIds(tree);
      return tree.toString();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static void hexIds(JsonElement element) {
    if (element instanceof JsonArray array) array.forEach(RandomMessages::hexIds);
    if (!(element instanceof JsonObject object)) return;
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      if (entry.getKey().toLowerCase(Locale.ROOT).matches("(trace|span|parentspan)id")) {
        byte[] id = Base64.getDecoder().decode(entry.getValue().getAsString());
        entry.setValue(new JsonPrimitive(java.util.HexFormat.of().formatHex(id)));
      } else {
        hexIds(entry.getValue());
      }
    }
  }
}
