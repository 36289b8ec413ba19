package io.mop.plugins.attributes;

import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.TextChars;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Action.Verb;
import java.util.List;
import java.util.regex.Matcher;

/** Removes the attributes whose keys match: keys that cannot be declared, so every attribute is looked at. */
final class PatternDelete implements Transform, ValueEditor {
  private final Owner owner;
  private final TextChars chars = new TextChars();
  private final Matcher[] keys;

  PatternDelete(List<Action> actions, boolean resources) {
    owner = resources ? Owner.RESOURCE : Owner.ITEM;
    keys = actions.stream().map(a -> Expression.of("pattern", a.pattern().orElseThrow()).pattern().matcher(chars))
        .toArray(Matcher[]::new);
  }

  static boolean isAll(List<Action> actions) {
    return actions.stream().allMatch(PatternDelete::is);
  }

  private static boolean is(Action action) {
    return action.action() == Verb.DELETE && action.pattern().isPresent();
  }

  /** The actions, if there are any, and if those that delete by pattern are alone. */
  static List<Action> check(String key, List<Action> actions, boolean everywhere) {
    if (actions.isEmpty()) throw new InvalidConfig(key, "at least one action");
    boolean any = actions.stream().anyMatch(PatternDelete::is);
    if (any && !(isAll(actions) && everywhere)) {
      throw new InvalidConfig(
          key, "delete by pattern in a processor of its own, without other actions, include or exclude");
    }
    return List.copyOf(actions);
  }

  @Override
  public void apply(Items items, Edits edits) {
    edits.values(this);
  }

  @Override
  public void value(Owner of, Text key, Value value, Edit edit) {
    if (of != owner || edit.nested()) return;
    chars.set(key);
    for (Matcher m : keys) {
      if (!m.reset().find()) continue;
      edit.remove();
      return;
    }
  }
}
