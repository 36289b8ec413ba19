package io.mop.plugins.redaction;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Secret;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.osgi.service.component.annotations.Component;

/**
 * Masks values before they leave: credentials without any configuration, and what the OpenTelemetry Collector's
 * redaction processor masks or removes with its.
 */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "redaction")
public final class Redaction implements Plugin<Redaction.Config> {
  /** What takes the place of a masked text. */
  public enum HashFunction {
    /** {@code ****}. */
    NONE,
    /** Lower-case hex SHA-256. */
    SHA256,
    /** Lower-case hex HMAC-SHA-256 with {@code hmac_key}: equal values stay equal, and cannot be guessed. */
    HMAC_SHA256
  }

  /** What an owner of attributes says of its redaction. */
  public enum Summary {
    SILENT,
    /** {@code redaction.masked.count} and {@code redaction.redacted.count}. */
    INFO,
    /** Also the keys, in {@code redaction.masked.keys} and {@code redaction.redacted.keys}. */
    DEBUG
  }

  /** The keys of {@code processors.redaction}. */
  public record Config(
      @Key(value = "true", doc = "Masks credentials: by the usual keys, and in texts by their form.")
          boolean credentials,
      @Key(value = "false", doc = "Masks card numbers of 13 to 19 digits whose check digit is right.")
          boolean creditCards,
      @Key(value = "true", doc = "false removes attributes that are neither in allowed_keys nor in ignored_keys.")
          boolean allowAllKeys,
      @Key(doc = "With allow_all_keys: false, the keys that stay; their values may still be masked.")
          List<String> allowedKeys,
      @Key(doc = "Keys that stay as they are, whatever else is said.") List<String> ignoredKeys,
      @Key(doc = "Regular expressions on keys whose whole value is masked.") List<String> blockedKeyPatterns,
      @Key(doc = "Regular expressions on texts; what matches is masked.") List<String> blockedValues,
      @Key(doc = "Regular expressions; a text in which one is found keeps its value.") List<String> allowedValues,
      @Key(value = "none", doc = "What a masked text becomes: ****, or a hash by which equal ones can be told.")
          HashFunction hashFunction,
      @Key(doc = "With hash_function: hmac_sha256, its key.") Optional<Secret> hmacKey,
      @Key(value = "silent", doc = "Attributes that say how many values, and which, were masked or removed.")
          Summary summary,
      @Key(value = "false", doc = "Applies blocked_values to whole numbers, as decimal text, as well.")
          boolean redactAllTypes) {
    public Config {
      allowedKeys = List.copyOf(allowedKeys);
      ignoredKeys = List.copyOf(ignoredKeys);
      blockedKeyPatterns = List.copyOf(blockedKeyPatterns);
      blockedValues = List.copyOf(blockedValues);
      allowedValues = List.copyOf(allowedValues);
      check("blocked_key_patterns", blockedKeyPatterns);
      check("blocked_values", blockedValues);
      check("allowed_values", allowedValues);
      if (!allowedKeys.isEmpty() && allowAllKeys) {
        throw new InvalidConfig("allowed_keys", "allow_all_keys: false with it, as otherwise all keys are allowed");
      }
      boolean hmac = hashFunction == HashFunction.HMAC_SHA256;
      if (hmac && hmacKey.filter(k -> !k.reveal().isEmpty()).isEmpty()) {
        throw new InvalidConfig("hmac_key", "the key that hash_function: hmac_sha256 needs");
      }
      if (!hmac && hmacKey.isPresent()) throw new InvalidConfig("hmac_key", "hash_function: hmac_sha256 with it");
      boolean masks = credentials || creditCards || !blockedKeyPatterns.isEmpty() || !blockedValues.isEmpty();
      if (!masks && allowAllKeys) {
        throw new InvalidConfig(
            "credentials", "true, or another key that masks: blocked_key_patterns, blocked_values, credit_cards");
      }
    }

    private static void check(String key, List<String> patterns) {
      for (int i = 0; i < patterns.size(); i++) {
        try {
          Redaction.pattern(patterns.get(i));
        } catch (PatternSyntaxException e) {
          String where = " at character " + (e.getIndex() + 1);
          throw new InvalidConfig(key + "[" + i + "]", "a regular expression: " + e.getDescription() + where);
        }
      }
    }
  }

  /** Also in the Collector's syntax, where it differs: RE2 names a group {@code (?P<name>…)}. */
  static Pattern pattern(String regex) {
    return Pattern.compile(regex.replaceAll("\\(\\?P<\\w+>", "("));
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    return new Redactor(config, context);
  }
}
