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
 * Only that part of the format is read, and one key of the Apache Sling feature model: {@code prototype}, the {@code
 * id} of a feature in the same directory whose bundles come first, without those that {@code removals.bundles} names as
 * {@code group:artifact}; a name that ends in {@code *} means all that begin so. A prototype has none itself.
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

    private boolean isNamed(String name) {
      String own = group + ":" + artifact;
      return name.endsWith("*") ? own.startsWith(name.substring(0, name.length() - 1)) : own.equals(name);
    }
  }

  /** @throws LaunchException if the file is missing or is not a feature */
  public static Feature read(Path file) throws LaunchException {
    JsonObject json = json(file);
    List<Entry> bundles = new ArrayList<>();
    JsonObject prototype = json.get("prototype") instanceof JsonObject p ? p : null;
    if (prototype != null) {
      bundles.addAll(inherited(prototype, file));
    }
    if (prototype == null || json.containsKey("bundles")) {
      int index = 0;
      for (JsonValue bundle : array(json, "bundles", file, "")) {
        bundles.add(entry(bundle, file, "bundles[" + index++ + "]"));
      }
    }
    return new Feature(text(json, "id", file, "the feature"), bundles);
  }

  private static JsonObject json(Path file) throws LaunchException {
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(file))) {
      return reader.readObject();
    } catch (NoSuchFileException e) {
      throw new LaunchException(4, "There is no feature " + file + ".");
    } catch (IOException | JsonException e) {
      throw new LaunchException(1, file + ": is not a feature in JSON: " + e.getMessage());
    }
  }

  private static List<Entry> inherited(JsonObject prototype, Path file) throws LaunchException {
    String[] id = text(prototype, "id", file, "prototype").split(":", -1);
    Path base = file.resolveSibling((id.length == 3 ? id[1] : "") + ".json");
    if (!Files.isRegularFile(base)) {
      throw new LaunchException(1, file + ": prototype: there is no " + base + ".");
    }
    if (json(base).containsKey("prototype")) {
      throw new LaunchException(1, file + ": prototype: " + base + " has a prototype itself.");
    }
    List<Entry> bundles = new ArrayList<>(read(base).bundles());
    if (prototype.get("removals") instanceof JsonObject removals) {
      for (JsonValue value : array(removals, "bundles", file, "prototype.removals: ")) {
        String name = value instanceof JsonString text ? text.getString() : value.toString();
        if (!bundles.removeIf(entry -> entry.isNamed(name))) {
          throw new LaunchException(1, file + ": prototype.removals: " + base + " has no bundle " + name + ".");
        }
      }
    }
    return bundles;
  }

  private static List<JsonValue> array(JsonObject json, String key, Path file, String where) throws LaunchException {
    JsonValue values = json.get(key);
    if (values == null || values.getValueType() != JsonValue.ValueType.ARRAY) {
      throw new LaunchException(1, file + ": " + where + "\"" + key + "\" is missing or is not an array.");
    }
    return values.asJsonArray();
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
