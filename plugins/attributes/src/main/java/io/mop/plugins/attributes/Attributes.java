package io.mop.plugins.attributes;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;

/** Changes attributes of spans, data points and log records: the OpenTelemetry Collector's attributes processor. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "attributes")
public final class Attributes implements Plugin<Attributes.Config> {
  /** The keys of {@code processors.attributes}. */
  public record Config(@Key(doc = "Done in order, each on the result of those before.") List<Action> actions) {
    public Config {
      actions = List.copyOf(actions);
      if (actions.isEmpty()) throw new InvalidConfig("actions", "at least one action");
    }
  }

  /** What is done to an attribute. */
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
    /** Gives the attribute another key, replacing an attribute that has it. */
    RENAME;

    boolean sets() {
      return this == INSERT || this == UPDATE || this == UPSERT;
    }
  }

  /** The type of a value set. */
  public enum ValueType {
    STRING,
    INT,
    DOUBLE,
    BOOL
  }

  /** One entry of {@code actions}. */
  public record Action(
      @Key(doc = "The attribute's key.") String key,
      @Key(doc = "insert, update, upsert, delete, hash or rename.") Verb action,
      @Key(doc = "For insert, update and upsert: the value.") Optional<String> value,
      @Key(doc = "The value's type; mandatory for a value that reads as a number or boolean, else string.")
          Optional<ValueType> valueType,
      @Key(doc = "For insert, update and upsert, instead of value: the attribute whose value is copied.")
          Optional<String> fromAttribute,
      @Key(doc = "For rename: the other key.") Optional<String> newKey) {

    /** What YAML 1.2's core schema takes for no string. */
    private static final Pattern NO_STRING =
        Pattern.compile(
            "true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
                + "|[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    public Action {
      if (key.isEmpty()) throw new InvalidConfig("key", "an attribute's key");
      if (action.sets()) {
        if (value.isPresent() == fromAttribute.isPresent()) {
          throw new InvalidConfig("action", "with " + name(action) + " either value or from_attribute");
        }
      } else {
        refuse(value, "value", action);
        refuse(fromAttribute, "from_attribute", action);
      }
      if (value.isEmpty()) refuse(valueType, "value_type", action);
      if (action == Verb.RENAME) {
        if (newKey.isEmpty()) throw new InvalidConfig("new_key", "the key that rename gives");
        if (newKey.get().equals(key)) throw new InvalidConfig("new_key", "another key than " + key);
      } else {
        refuse(newKey, "new_key", action);
      }
      if (fromAttribute.equals(Optional.of(""))) throw new InvalidConfig("from_attribute", "an attribute's key");
      if (newKey.equals(Optional.of(""))) throw new InvalidConfig("new_key", "an attribute's key");
      value.ifPresent(text -> check(text, valueType));
    }

    private static void refuse(Optional<?> given, String key, Verb action) {
      if (given.isPresent()) throw new InvalidConfig(key, "no " + key + " with " + name(action) + " here");
    }

    // The file's value comes as text. Setting a string where the Collector would set a number would go unnoticed.
    private static void check(String text, Optional<ValueType> type) {
      if (type.isEmpty()) {
        if (NO_STRING.matcher(text).matches()) {
          throw new InvalidConfig(
              "value_type", "string, int, double or bool, as the value " + text + " can be read as more than one");
        }
        return;
      }
      switch (type.get()) {
        case STRING -> {}
        case INT -> {
          try {
            Long.parseLong(text);
          } catch (NumberFormatException e) {
            throw new InvalidConfig("value", "a whole number of 64 bits as value_type is int, got '" + text + "'");
          }
        }
        case DOUBLE -> {
          if (!text.matches("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?")) {
            throw new InvalidConfig("value", "a decimal number as value_type is double, got '" + text + "'");
          }
        }
        case BOOL -> {
          if (!text.equals("true") && !text.equals("false")) {
            throw new InvalidConfig("value", "true or false as value_type is bool, got '" + text + "'");
          }
        }
      }
    }

    private static String name(Verb action) {
      return action.name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    return new Steps(config.actions(), context);
  }
}
