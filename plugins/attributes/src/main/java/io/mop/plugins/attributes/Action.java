package io.mop.plugins.attributes;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What is done to an attribute, as in the OpenTelemetry Collector's attributes processor. */
public record Action(
    @Key(value = "", doc = "The attribute's key.") String key,
    @Key(doc = "insert, update, upsert, delete, hash, extract, convert or rename.") Verb action,
    @Key(doc = "For insert, update and upsert: the value, of the type that YAML gives it.") Optional<Object> value,
    @Key(doc = "For insert, update and upsert, instead of value: the attribute whose value is copied.")
        Optional<String> fromAttribute,
    @Key(doc = "Refused: a batch does not keep what its request came with.") Optional<String> fromContext,
    @Key(doc = "For extract: named groups become attributes. For delete, instead of key: keys that go.")
        Optional<String> pattern,
    @Key(doc = "For convert: int, double or string.") Optional<ConvertedType> convertedType,
    @Key(doc = "For rename: the other key.") Optional<String> newKey) {

  /** Kinds of actions. */
  public enum Verb {
    /** Adds the attribute, unless it is there. */
    INSERT,
    /** Gives the attribute another value, if it is there. */
    UPDATE,
    /** Sets the value, whether the attribute is there or not. */
    UPSERT,
    /** Removes the attribute. */
    DELETE,
    /** Replaces the value by its SHA-256 in lower-case hex. */
    HASH,
    /** Sets an attribute for each named group of a regular expression that the text matches. */
    EXTRACT,
    /** Gives the value another type. */
    CONVERT,
    /** Gives the attribute another key, replacing an attribute that has it. */
    RENAME;

    boolean sets() {
      return this == INSERT || this == UPDATE || this == UPSERT;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What convert makes. */
  public enum ConvertedType {
    INT,
    DOUBLE,
    STRING
  }

  public Action {
    if (fromContext.isPresent()) {
      throw new InvalidConfig(
          "from_context", "value or from_attribute, as a batch does not keep the headers its request came with");
    }
    if (action == Verb.DELETE && pattern.isPresent() == !key.isEmpty()) {
      throw new InvalidConfig("key", "with delete either key or pattern");
    }
    if (key.isEmpty() && action != Verb.DELETE) throw new InvalidConfig("key", "an attribute's key");
    if (action.sets()) {
      if (value.isPresent() == fromAttribute.isPresent()) {
        throw new InvalidConfig("action", "with " + action.word() + " either value or from_attribute");
      }
    } else {
      refuse(value, "value", action);
      refuse(fromAttribute, "from_attribute", action);
    }
    if (fromAttribute.equals(Optional.of(""))) throw new InvalidConfig("from_attribute", "an attribute's key");
    if (action == Verb.EXTRACT) {
      if (Expression.of("pattern", pattern.orElse("")).groups().isEmpty()) {
        throw new InvalidConfig("pattern", "a regular expression with groups that have names: (?P<name>…)");
      }
    } else if (action == Verb.DELETE) {
      pattern.ifPresent(p -> Expression.of("pattern", p));
    } else {
      refuse(pattern, "pattern", action);
    }
    if (action == Verb.CONVERT) {
      if (convertedType.isEmpty()) throw new InvalidConfig("converted_type", "int, double or string");
    } else {
      refuse(convertedType, "converted_type", action);
    }
    if (action == Verb.RENAME) {
      if (newKey.orElse("").isEmpty()) throw new InvalidConfig("new_key", "the key that rename gives");
      if (newKey.get().equals(key)) throw new InvalidConfig("new_key", "another key than " + key);
    } else {
      refuse(newKey, "new_key", action);
    }
    value.ifPresent(Action::check);
  }

  private static void refuse(Optional<?> given, String key, Verb action) {
    if (given.isPresent()) throw new InvalidConfig(key, "no " + key + " with " + action.word() + " here");
  }

  private static void check(Object value) {
    if (!Set.of(String.class, Long.class, Double.class, Boolean.class).contains(value.getClass())) {
      throw new InvalidConfig("value", "text, a number, true or false");
    }
  }
}
