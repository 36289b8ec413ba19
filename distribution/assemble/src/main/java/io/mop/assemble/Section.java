package io.mop.assemble;

import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** An object of a JSON file, read key by key; a key that nobody read is a mistake. */
final class Section {
  private final JsonObject json;
  private final String path;
  private final Set<String> unread;

  Section(JsonObject json, String path) {
    this.json = json;
    this.path = path;
    this.unread = new TreeSet<>(json.keySet());
  }

  boolean has(String key) {
    return json.containsKey(key);
  }

  Section section(String key) {
    if (take(key) instanceof JsonObject object) {
      return new Section(object, path + key + ".");
    }
    throw wrong(key, "an object");
  }

  Optional<String> optionalText(String key) {
    return has(key) ? Optional.of(text(key, ".+")) : Optional.empty();
  }

  /** @param pattern that all of the text must match */
  String text(String key, String pattern) {
    if (take(key) instanceof JsonString text && text.getString().matches(pattern)) {
      return text.getString();
    }
    throw wrong(key, "text like " + pattern);
  }

  int number(String key, int otherwise, int least, int most) {
    if (!has(key)) {
      return otherwise;
    }
    if (take(key) instanceof JsonNumber number && number.isIntegral()
        && number.longValue() >= least && number.longValue() <= most) {
      return number.intValue();
    }
    throw wrong(key, "a number from " + least + " to " + most);
  }

  /** @throws IllegalArgumentException if a key was not read */
  void end() {
    if (!unread.isEmpty()) {
      throw new IllegalArgumentException(path + unread.iterator().next() + ": unknown key");
    }
  }

  private JsonValue take(String key) {
    unread.remove(key);
    return json.get(key);
  }

  private IllegalArgumentException wrong(String key, String expected) {
    String found = has(key) ? json.get(key).toString() : "nothing";
    return new IllegalArgumentException(path + key + ": " + found + ", expected " + expected);
  }
}
