package io.mop.plugins.attributes;

import io.mop.api.plugin.InvalidConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression in the Collector's syntax, as far as {@code java.util.regex} has it: a group is named
 * {@code (?P<name>…)} or {@code (?<name>…)}, also with {@code _} in the name, which Java does not allow.
 *
 * @param groups names of the groups, in order; the n-th one is called {@code gN} in the pattern
 */
record Expression(Pattern pattern, List<String> groups) {
  private static final Pattern NAMED = Pattern.compile("\\\\.|\\(\\?P?<([A-Za-z_]\\w*)>", Pattern.DOTALL);

  /** @throws InvalidConfig if it is none */
  static Expression of(String key, String regex) {
    List<String> groups = new ArrayList<>();
    StringBuilder java = new StringBuilder();
    Matcher m = NAMED.matcher(regex);
    int at = 0;
    while (m.find()) {
      if (m.group(1) == null) continue;
      java.append(regex, at, m.start()).append("(?<g").append(groups.size()).append('>');
      groups.add(m.group(1));
      at = m.end();
    }
    java.append(regex, at, regex.length());
    try {
      return new Expression(Pattern.compile(java.toString()), List.copyOf(groups));
    } catch (PatternSyntaxException e) {
      throw new InvalidConfig(key, "a regular expression: " + e.getDescription() + ", got '" + regex + "'");
    }
  }
}
