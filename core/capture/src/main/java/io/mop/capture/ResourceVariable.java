package io.mop.capture;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads OTEL_RESOURCE_ATTRIBUTES: {@code key=value,…}, percent-encoded, as the OpenTelemetry specification has it. */
final class ResourceVariable {
  /** A foreign process decides over them, and every request of its spans carries them. */
  private static final int MAX = 64;

  private static final int MAX_LENGTH = 1024;

  private ResourceVariable() {}

  /** Pairs without a key or a value, and those that are too long or too many, are left out. */
  static Map<String, String> parse(String text) {
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String pair : text.split(",")) {
      int eq = pair.indexOf('=');
      if (eq < 0 || attributes.size() == MAX) continue;
      String key = decoded(pair.substring(0, eq).strip());
      String value = decoded(pair.substring(eq + 1).strip());
      if (usable(key) && usable(value)) attributes.put(key, value);
    }
    return attributes;
  }

  /** Whether a text of a foreign process can be part of every request. */
  static boolean usable(String text) {
    return !text.isBlank() && text.length() <= MAX_LENGTH;
  }

  private static String decoded(String s) {
    try {
      return URLDecoder.decode(s.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return s;
    }
  }
}
