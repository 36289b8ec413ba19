package io.mop.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code --name value} pairs of a command line. */
final class Options {
  private final Map<String, String> values = new HashMap<>();

  /** @throws IllegalArgumentException for a word that is no known option, or an option without a value */
  Options(List<String> words, List<String> known) {
    for (int i = 0; i < words.size(); i += 2) {
      String word = words.get(i);
      if (!word.startsWith("--") || !known.contains(word.substring(2))) {
        throw new IllegalArgumentException(
            "unknown option " + word + ", expected "
                + (known.isEmpty() ? "none" : "one of --" + String.join(", --", known)));
      }
      if (i + 1 == words.size()) throw new IllegalArgumentException(word + " needs a value");
      values.put(word.substring(2), words.get(i + 1));
    }
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** {@code --hook sock|sys_exit|both}: the front ends to run on. */
  List<String> hooks() {
    List<String> all = List.of("sock", "sys_exit");
    String hook = text("hook").orElse("both");
    if (hook.equals("both")) return all;
    if (!all.contains(hook)) throw new IllegalArgumentException("--hook " + hook + ": expected sock, sys_exit or both");
    return List.of(hook);
  }

  int number(String name, int absent) {
    String value = values.get(name);
    if (value == null) return absent;
    try {
      int n = Integer.parseInt(value);
      if (n > 0) return n;
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException("--" + name + " " + value + ": expected a number from 1");
  }
}
