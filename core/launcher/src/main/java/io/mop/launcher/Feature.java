package io.mop.launcher;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a distribution consists of: the {@code bundles} of an OSGi Feature JSON file (OSGi Compendium 8.1, chapter 159).
 * Only that part of the format is read.
 *
 * @param id {@code group:artifact:version}
 */
public record Feature(String id, List<Entry> bundles) {
  public Feature {
    bundles = List.copyOf(bundles);
  }

  /** @param startOrder OSGi start level: 1 OSGi services, 10 libraries, 20 core, 30 plugins */
  public record Entry(String group, String artifact, String version, int startOrder) {
    /** Name of the bundle's file in a distribution. */
    public String file() {
      return artifact + "-" + version + ".jar";
    }
  }

  /** @throws LaunchException if the file is missing or is not a feature */
  public static Feature read(Path file) throws LaunchException {
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(file))) {
      JsonObject json = reader.readObject();
      List<Entry> bundles = new ArrayList<>();
      for (JsonValue bundle : array(json, file)) {
        bundles.add(entry(bundle, file, "bundles[" + bundles.size() + "]"));
      }
      return new Feature(text(json, "id", file, "the feature"), bundles);
    } catch (NoSuchFileException e) {
      throw new LaunchException(4, "There is no feature " + file + ".");
    } catch (IOException | JsonException e) {
      throw new LaunchException(1, file + ": is not a feature in JSON: " + e.getMessage());
    }
  }

  private static List<JsonValue> array(JsonObject json, Path file) throws LaunchException {
    JsonValue bundles = json.get("bundles");
    if (bundles == null || bundles.getValueType() != JsonValue.ValueType.ARRAY) {
      throw new LaunchException(1, file + ": \"bundles\" is missing or is not an array.");
    }
    return bundles.asJsonArray();
  }

  private static Entry entry(JsonValue value, Path file, String where) throws LaunchException {
    if (value.getValueType() != JsonValue.ValueType.OBJECT) {
      throw new LaunchException(1, file + ": " + where + " is not an object with \"id\" and \"start-order\".");
    }
    JsonObject bundle = value.asJsonObject();
    String id = text(bundle, "id", file, where);
    String[] parts = id.split(":", -1);
    if (parts.length != 3 || !id.matches("[\\w.\\-]+:[\\w.\\-]+:[\\w.\\-]+")) {
      throw new LaunchException(1, file + ": " + where + ".id is \"" + id + "\", expected group:artifact:version.");
    }
    if (bundle.get("start-order") instanceof JsonNumber order
        && order.isIntegral() && order.longValue() >= 1 && order.longValue() <= 100) {
      return new Entry(parts[0], parts[1], parts[2], order.intValue());
    }
    throw new LaunchException(1, file + ": " + where + " (" + id + ") needs a \"start-order\" from 1 to 100.");
  }

  private static String text(JsonObject json, String key, Path file, String where) throws LaunchException {
    if (json.get(key) instanceof JsonString text) {
      return text.getString();
    }
    throw new LaunchException(1, file + ": " + where + " has no \"" + key + "\".");
  }
}
