package io.mop.capture;

import java.util.List;

/** What a rule finds in one process, for an operator who asks. */
public record RuleFinding(Rule rule, List<Condition> conditions) {
  /**
   * @param holds whether the process meets it
   * @param found what the process has, as a sentence's end, e.g. {@code the program is /usr/bin/redis-server}; of its
   *     arguments only whether they match, as they may hold secrets
   */
  public record Condition(Rule.Condition condition, boolean holds, String found) {}

  public boolean holds() {
    return conditions.stream().allMatch(Condition::holds);
  }
}
