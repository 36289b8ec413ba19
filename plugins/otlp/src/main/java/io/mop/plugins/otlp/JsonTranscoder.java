package io.mop.plugins.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Turns an OTLP/JSON request into protobuf bytes, token by token. JSON as in protobuf's mapping, with the deviations of
 * OTLP: ids in hex, enums as numbers (names are taken too), only lowerCamelCase names, unknown names ignored.
 */
final class JsonTranscoder {
  /** Messages within messages; what protobuf parsers take by default. */
  private static final int MAX_DEPTH = 100;
  private static final JsonFactory JSON = JsonFactory.builder()
      .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(3 * MAX_DEPTH).maxStringLength((int) OtlpConfig.LIMIT).build())
      .build();

  private final JsonParser in;
  private final ProtoWriter out;
  private final JsonScalars scalars;

  private JsonTranscoder(JsonParser in, ProtoWriter out) {
    this.in = in;
    this.out = out;
    scalars = new JsonScalars(in, out);
  }

  /**
   * Transcodes one request.
   *
   * @return the protobuf message, to be submitted or cancelled
   * @throws Malformed it is not OTLP/JSON; the message says where
   */
  static Growing transcode(Gate gate, Signal signal, ByteBuffer json) throws Malformed, Refused, Growing.TooLarge {
    Growing message = new Growing(gate.intake, signal, json.remaining(), gate.maxInflated);
    boolean done = false;
    try (JsonParser in = JSON.createParser(new ByteBufferStream(json))) {
      new JsonTranscoder(in, new ProtoWriter(message)).request(OtlpSchema.request(signal));
      done = true;
      return message;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation() == null ? JsonLocation.NA : e.getLocation();
      String where = at == JsonLocation.NA ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      throw new Malformed("not JSON" + where + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new Malformed("not JSON in UTF-8: " + e.getMessage());
    } finally {
      if (!done) message.cancel();
    }
  }

  private void request(OtlpSchema.Message type) throws IOException, Malformed, Refused, Growing.TooLarge {
    if (in.nextToken() == null) throw new Malformed("the body is empty, expected a JSON object");
    message(type, 0);
    if (in.nextToken() != null) throw scalars.expected("the end after the request");
  }

  /** The current token begins the message's object; its last token is current at the end. */
  private void message(OtlpSchema.Message type, int depth) throws IOException, Malformed, Refused, Growing.TooLarge {
    if (in.currentToken() != JsonToken.START_OBJECT) throw scalars.expected("an object, " + type.name());
    if (depth > MAX_DEPTH) throw scalars.expected("at most " + MAX_DEPTH + " nested messages");
    for (String name; (name = in.nextFieldName()) != null;) {
      OtlpSchema.Field field = type.fields().get(name);
      JsonToken value = in.nextToken();
      if (field == null) {
        in.skipChildren();
      } else if (value == JsonToken.VALUE_NULL) {
        continue; // the same as an absent field
      } else if (!field.repeated()) {
        value(field, depth, !field.presence());
      } else if (value != JsonToken.START_ARRAY) {
        throw scalars.expected("an array");
      } else if (field.type().wireType == 2) {
        while (in.nextToken() != JsonToken.END_ARRAY) value(field, depth, false);
      } else {
        packed(field);
      }
    }
    if (in.currentToken() != JsonToken.END_OBJECT) throw scalars.expected("a name or the end of the object");
  }

  private void value(OtlpSchema.Field field, int depth, boolean skipDefault)
      throws IOException, Malformed, Refused, Growing.TooLarge {
    if (field.type() != OtlpSchema.Type.MESSAGE) {
      scalars.write(field, skipDefault, true);
      return;
    }
    out.tag(field.tag());
    int lengthBytes = lengthBytes(depth);
    int start = out.begin(lengthBytes);
    message(field.message(), depth + 1);
    out.end(start, lengthBytes);
  }

  private void packed(OtlpSchema.Field field) throws IOException, Malformed, Refused, Growing.TooLarge {
    if (in.nextToken() == JsonToken.END_ARRAY) return;
    out.tag(field.packedTag());
    int start = out.begin(1);
    do {
      scalars.write(field, false, false);
    } while (in.nextToken() != JsonToken.END_ARRAY);
    out.end(start, 1);
  }

  /** A guess that spares moving large messages: resource and scope 3 bytes of length, item 2, what it holds 1. */
  private static int lengthBytes(int depth) {
    return switch (depth) {
      case 0, 1 -> 3;
      case 2 -> 2;
      default -> 1;
    };
  }
}
