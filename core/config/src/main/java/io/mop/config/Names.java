package io.mop.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Words in errors: keys, nearest names, enumerations. */
final class Names {
  private static final int PRINTED = 80;
  private static final int LISTED = 30;

  private Names() {}

  /**
   * The key of a record component: {@code decisionWait} is {@code decision_wait}, {@code tlsCA} is {@code tls_ca}. A
   * trailing {@code _} is dropped: {@code default_} is the key {@code default}, a word Java reserves.
   */
  static String key(String component) {
    String name = component.endsWith("_") ? component.substring(0, component.length() - 1) : component;
    var out = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isUpperCase(c) && i > 0 && startsWord(name, i)) out.append('_');
      out.append(Character.toLowerCase(c));
    }
    return out.toString();
  }

  private static boolean startsWord(String name, int i) {
    char before = name.charAt(i - 1);
    if (before == '_') return false;
    boolean lowerNext = i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1));
    return !Character.isUpperCase(before) || lowerNext;
  }

  /** The name most like {@code name}, if it takes at most a third of its letters to get there; of the first 1,000. */
  static Optional<String> nearest(String name, Collection<String> names) {
    if (name.length() > PRINTED) return Optional.empty();
    String best = null;
    int least = Integer.MAX_VALUE;
    int tried = 0;
    for (String candidate : names) {
      if (tried++ == 1000) break;
      if (candidate.length() > PRINTED) continue;
      int distance = distance(name, candidate);
      if (distance < least && distance <= Math.max(1, Math.max(name.length(), candidate.length()) / 3)) {
        least = distance;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** {@code ; nearest: NAME}, or nothing when no name is near. */
  static String nearestTo(String name, Collection<String> names) {
    return nearest(name, names).map(n -> "; nearest: " + n).orElse("");
  }

  /** Levenshtein's distance, with a swap of two neighbours as one step: the typist's commonest mistake. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) d[i][0] = i;
    for (int j = 0; j <= b.length(); j++) d[0][j] = j;
    for (int i = 1; i <= a.length(); i++)
      for (int j = 1; j <= b.length(); j++) {
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        boolean swap = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swap) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    return d[a.length()][b.length()];
  }

  /** {@code a, b, c}, in the order given; at most 30. */
  static String list(Collection<String> names) {
    List<String> printed = new ArrayList<>();
    names.stream().limit(LISTED).map(Names::printable).forEach(printed::add);
    if (names.size() > LISTED) printed.add("and " + (names.size() - LISTED) + " more");
    return String.join(", ", printed);
  }

  /** One short line: control characters become {@code ?}, more than 80 characters become {@code …}. */
  static String printable(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < text.length() && i < PRINTED; i++) {
      char c = text.charAt(i);
      boolean odd = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT || c == '\u2028';
      out.append(odd || Character.isSurrogate(c) ? '?' : c);
    }
    return text.length() > PRINTED ? out.append('…').toString() : out.toString();
  }
}
