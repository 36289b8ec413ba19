package io.mop.shell;

import io.mop.control.Tap;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A condition on an item as it is shown, so that masked values cannot be found out.
 *
 * @param key an attribute's, also of the resource or scope, or service, name, signal, kind, status, trace_id …
 */
record TapMatch(String key, Pattern value) {
  /** @param text {@code key=value}; {@code *} stands for any text */
  static TapMatch parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) throw new IllegalArgumentException("--match is \"" + text + "\", expected key=value.");
    String regex =
        Stream.of(text.substring(equals + 1).split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return new TapMatch(text.substring(0, equals), Pattern.compile(regex, Pattern.DOTALL));
  }

  boolean of(Tap.Item item) {
    return Stream.of(
            switch (key) {
              case "service" -> item.service();
              case "name" -> item.name();
              case "signal" -> item.signal().name().toLowerCase(Locale.ROOT);
              default -> null;
            },
            item.fields().get(key),
            item.attributes().get(key),
            item.scope().get(key),
            item.resource().get(key))
        .anyMatch(v -> v != null && value.matcher(v.toString()).matches());
  }
}
