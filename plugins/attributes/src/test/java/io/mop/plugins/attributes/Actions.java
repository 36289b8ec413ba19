package io.mop.plugins.attributes;

import io.mop.plugins.attributes.Action.ConvertedType;
import io.mop.plugins.attributes.Action.Verb;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Actions as tests write them; a key that is not told is absent. */
final class Actions {
  private Actions() {}

  static Action action(String verb, String key, Object value, String from, String newKey) {
    return new Action(
        key,
        Verb.valueOf(verb.toUpperCase(Locale.ROOT)),
        Optional.ofNullable(value),
        Optional.ofNullable(from),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(newKey));
  }

  static Action pattern(String verb, String key, String pattern) {
    return new Action(key, Verb.valueOf(verb.toUpperCase(Locale.ROOT)), Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.ofNullable(pattern), Optional.empty(), Optional.empty());
  }

  static Action convert(String key, String type) {
    return new Action(key, Verb.CONVERT, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        Optional.ofNullable(type).map(t -> ConvertedType.valueOf(t.toUpperCase(Locale.ROOT))), Optional.empty());
  }

  static Action set(String verb, String key, Object value) {
    return action(verb, key, value, null, null);
  }

  static Action copy(String verb, String key, String from) {
    return action(verb, key, null, from, null);
  }

  static Action plain(String verb, String key) {
    return action(verb, key, null, null, null);
  }

  static Action rename(String key, String newKey) {
    return action("rename", key, null, null, newKey);
  }

  static String sha256(Object value) {
    try {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
