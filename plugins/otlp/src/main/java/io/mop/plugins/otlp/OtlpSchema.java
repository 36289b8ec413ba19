package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The messages of OTLP, read from {@code messages.txt}: what a descriptor set says, as far as JSON needs it. */
final class OtlpSchema {
  private static final OtlpSchema OTLP = new OtlpSchema();

  private final Map<String, Message> messages = new HashMap<>();
  private final Map<String, List<String>> enums = new HashMap<>();

  /** A message type and its fields by JSON name. */
  record Message(String name, Map<String, Field> fields) {}

  /**
   * A field.
   *
   * @param presence whether it is written even with its type's default value
   * @param message null unless the type is a message
   * @param names of an enum's values, from 0
   */
  record Field(int number, Type type, boolean repeated, boolean presence, Message message, List<String> names) {
    int tag() {
      return number << 3 | type.wireType;
    }

    /** Tag of a repeated field of numbers, packed. */
    int packedTag() {
      return number << 3 | 2;
    }
  }

  /** Types of fields, with protobuf's wire types. */
  enum Type {
    BOOL(0), ENUM(0), INT32(0), SINT32(0), UINT32(0), INT64(0), UINT64(0),
    FIXED64(1), SFIXED64(1), DOUBLE(1),
    STRING(2), BYTES(2), ID(2), MESSAGE(2),
    FIXED32(5);

    final int wireType;

    Type(int wireType) {
      this.wireType = wireType;
    }
  }

  private OtlpSchema() {
    List<String> lines = lines();
    for (String line : lines) {
      if (line.startsWith("enum ")) {
        List<String> words = List.of(line.split(" "));
        enums.put(words.get(1), words.subList(2, words.size()));
      } else if (!line.startsWith(" ")) {
        messages.put(line, new Message(line, new HashMap<>()));
      }
    }
    Message message = null;
    for (String line : lines) {
      if (line.startsWith(" ")) {
        String[] words = line.strip().split(" ");
        message.fields().put(words[1], field(Integer.parseInt(words[0]), words[2]));
      } else {
        message = messages.get(line);
      }
    }
  }

  private Field field(int number, String written) {
    boolean repeated = written.endsWith("*");
    boolean presence = written.endsWith("?");
    String type = repeated || presence ? written.substring(0, written.length() - 1) : written;
    if (messages.containsKey(type)) {
      return new Field(number, Type.MESSAGE, repeated, true, messages.get(type), List.of());
    }
    if (enums.containsKey(type)) return new Field(number, Type.ENUM, repeated, presence, null, enums.get(type));
    return new Field(number, Type.valueOf(type.toUpperCase(Locale.ROOT)), repeated, presence, null,
        List.of());
  }

  private static List<String> lines() {
    try (InputStream in = OtlpSchema.class.getResourceAsStream("messages.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(l -> !l.startsWith("#")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The Export…ServiceRequest of a signal. */
  static Message request(Signal signal) {
    return message(switch (signal) {
      case TRACES -> "ExportTraceServiceRequest";
      case METRICS -> "ExportMetricsServiceRequest";
      case LOGS -> "ExportLogsServiceRequest";
    });
  }

  /** A message by its simple name. */
  static Message message(String name) {
    return OTLP.messages.get(name);
  }
}
