package io.mop.plugins.attributes;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.plugins.attributes.Attributes.Action;
import io.mop.plugins.attributes.Attributes.ValueType;
import io.mop.plugins.attributes.Attributes.Verb;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the actions on each item. A cursor shows an item as it came in, while an action works on the result of those
 * before; so for every key the actions name, a slot says what it holds by now. Nothing is allocated per item.
 */
final class Steps implements Transform {
  /** A slot that holds nothing; others hold a slot's arriving value (0 and up) or a step's constant ({@code ~step}). */
  private static final int ABSENT = Integer.MIN_VALUE;

  /**
   * @param other the slot of from_attribute or new_key
   * @param constant null = none
   */
  private record Step(Verb verb, int slot, int other, Text newKey, Constant constant) {}

  private record Constant(ValueType type, Text text, long integer, double real, boolean bool) {
    static Constant of(Action a) {
      String s = a.value().orElseThrow();
      ValueType type = a.valueType().orElse(ValueType.STRING);
      return new Constant(
          type,
          Text.of(s),
          type == ValueType.INT ? Long.parseLong(s) : 0,
          type == ValueType.DOUBLE ? Double.parseDouble(s) : 0,
          Boolean.parseBoolean(s));
    }
  }

  private final Step[] steps;
  private final Field[] fields;
  private final int[] holds;
  private final int[] hashed; // how many times
  private final Context.Counter uncopied;

  Steps(List<Action> actions, Context context) {
    Map<String, Integer> slots = new LinkedHashMap<>();
    steps = actions.stream().map(a -> step(a, slots)).toArray(Step[]::new);
    fields = slots.keySet().stream().map(context.fields()::item).toArray(Field[]::new);
    holds = new int[fields.length];
    hashed = new int[fields.length];
    uncopied =
        context.counter("uncopied", "1", "Values from_attribute did not copy: arrays, maps, bytes, empty ones.");
  }

  private static Step step(Action a, Map<String, Integer> slots) {
    String other = a.fromAttribute().or(a::newKey).orElse(a.key());
    Constant constant = a.value().isPresent() ? Constant.of(a) : null;
    return new Step(
        a.action(), slot(slots, a.key()), slot(slots, other), Text.of(a.newKey().orElse("")), constant);
  }

  private static int slot(Map<String, Integer> slots, String key) {
    return slots.computeIfAbsent(key, k -> slots.size());
  }

  @Override
  public void apply(Items items, Edits edits) {
    while (items.next()) {
      for (int i = 0; i < fields.length; i++) holds[i] = items.get(fields[i]).present() ? i : ABSENT;
      Arrays.fill(hashed, 0);
      for (int i = 0; i < steps.length; i++) run(i, items, edits);
    }
  }

  private void run(int number, Items items, Edits edits) {
    Step step = steps[number];
    int slot = step.slot;
    boolean present = holds[slot] != ABSENT;
    switch (step.verb) {
      case INSERT -> {
        if (!present) set(number, items, edits);
      }
      case UPDATE -> {
        if (present) set(number, items, edits);
      }
      case UPSERT -> set(number, items, edits);
      case DELETE -> {
        if (present) edits.remove(fields[slot]);
        holds[slot] = ABSENT;
      }
      case HASH -> {
        if (!present) return;
        edits.hash(fields[slot]);
        hashed[slot]++;
      }
      case RENAME -> {
        if (!present) return;
        edits.rename(fields[slot], step.newKey);
        move(slot, step.other);
        holds[slot] = ABSENT;
      }
    }
  }

  private void set(int number, Items items, Edits edits) {
    Step step = steps[number];
    Field target = fields[step.slot];
    if (step.constant != null) {
      put(target, step.constant, edits);
      holds[step.slot] = ~number;
      hashed[step.slot] = 0;
      return;
    }
    int source = holds[step.other];
    if (source == ABSENT || step.other == step.slot) return;
    if (source < 0) {
      put(target, steps[~source].constant, edits);
    } else if (!copy(target, items.get(fields[source]), edits)) {
      uncopied.add(1);
      return;
    }
    for (int i = 0; i < hashed[step.other]; i++) edits.hash(target);
    move(step.other, step.slot);
  }

  private static void put(Field target, Constant c, Edits edits) {
    switch (c.type) {
      case STRING -> edits.set(target, c.text);
      case INT -> edits.set(target, c.integer);
      case DOUBLE -> edits.set(target, c.real);
      case BOOL -> edits.set(target, c.bool);
    }
  }

  private static boolean copy(Field target, Value v, Edits edits) {
    switch (v.type()) {
      case TEXT -> edits.set(target, v.text());
      case INT -> edits.set(target, v.integer());
      case DOUBLE -> edits.set(target, v.real());
      case BOOL -> edits.set(target, v.bool());
      case ABSENT, EMPTY, BYTES, ARRAY, MAP -> {
        return false;
      }
    }
    return true;
  }

  private void move(int from, int to) {
    holds[to] = holds[from];
    hashed[to] = hashed[from];
  }
}
