package io.mop.plugins.attributes;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Text;
import io.mop.api.data.TextChars;
import io.mop.api.data.Value;
import io.mop.api.plugin.Context;
import io.mop.plugins.attributes.Action.ConvertedType;
import io.mop.plugins.attributes.Action.Verb;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;

/**
 * Runs the actions on the current item, or its resource. A cursor shows an item as it came in, while an action works on
 * the result of those before; so for every key the actions name, a cell says what it holds by now. Nothing is allocated
 * per item, but to convert to or from a double.
 */
final class Steps {
  /**
   * @param other the cell of from_attribute or new_key
   * @param targets the cells of an expression's groups
   */
  private record Step(
      Verb verb, int cell, int other, Text newKey, Optional<Object> value, byte[] text,
      Optional<ConvertedType> convertedType, Optional<Matcher> matcher, String[] groups, int[] targets) {}

  private final Step[] steps;
  private final Cell[] cells;
  private final TextChars chars = new TextChars();
  private final Context.Counter uncopied;
  private final Context.Counter unconverted;
  private byte[] scratch = new byte[256];

  Steps(List<Action> actions, Function<String, Field> fields, Context context) {
    Map<String, Integer> keys = new LinkedHashMap<>();
    steps = actions.stream().map(a -> step(a, keys)).toArray(Step[]::new);
    cells = keys.keySet().stream().map(fields).map(Cell::new).toArray(Cell[]::new);
    uncopied =
        context.counter("uncopied", "1", "Values from_attribute did not copy: arrays, maps, bytes, empty ones.");
    unconverted = context.counter("unconverted", "1", "Values convert left as they were, as they say no such value.");
  }

  private Step step(Action a, Map<String, Integer> keys) {
    int cell = cell(keys, a.key());
    int other = cell(keys, a.fromAttribute().or(a::newKey).orElse(a.key()));
    Optional<Expression> expression = a.pattern().map(p -> Expression.of("pattern", p));
    List<String> names = expression.map(Expression::groups).orElse(List.of());
    String[] groups = new String[names.size()];
    int[] targets = new int[names.size()];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = "g" + i;
      targets[i] = cell(keys, names.get(i));
    }
    byte[] text = a.value().map(Object::toString).orElse("").getBytes(StandardCharsets.UTF_8);
    return new Step(a.action(), cell, other, Text.of(a.newKey().orElse("")), a.value(), text, a.convertedType(),
        expression.map(e -> e.pattern().matcher(chars)), groups, targets);
  }

  private static int cell(Map<String, Integer> keys, String key) {
    return keys.computeIfAbsent(key, k -> keys.size());
  }

  void run(Items items, Edits edits) {
    for (int i = 0; i < cells.length; i++) cells[i].arrive(items.get(cells[i].field).present() ? i : Cell.ABSENT);
    for (Step step : steps) run(step, items, edits);
  }

  private void run(Step step, Items items, Edits edits) {
    Cell cell = cells[step.cell];
    switch (step.verb) {
      case INSERT -> {
        if (!cell.present()) set(step, cell, items, edits);
      }
      case UPDATE -> {
        if (cell.present()) set(step, cell, items, edits);
      }
      case UPSERT -> set(step, cell, items, edits);
      case DELETE -> {
        if (cell.present()) edits.remove(cell.field);
        cell.arrive(Cell.ABSENT);
      }
      case HASH -> {
        if (!cell.present()) return;
        edits.hash(cell.field);
        cell.hashed++;
      }
      case EXTRACT -> extract(step, cell, items, edits);
      case CONVERT -> convert(step.convertedType.orElseThrow(), cell, items, edits);
      case RENAME -> {
        if (!cell.present()) return;
        edits.rename(cell.field, step.newKey);
        cells[step.other].copy(cell);
        cell.arrive(Cell.ABSENT);
      }
    }
  }

  private void set(Step step, Cell cell, Items items, Edits edits) {
    if (step.value.isPresent()) {
      Object value = step.value.get();
      if (value instanceof Long n) cell.make(n);
      else if (value instanceof Double d) cell.make(d);
      else if (value instanceof Boolean b) cell.make(b);
      else cell.make(step.text, 0, step.text.length);
      cell.put(cell.field, edits);
      return;
    }
    Cell source = cells[step.other];
    if (!source.present() || source == cell) return;
    if (source.source == Cell.MADE) {
      source.put(cell.field, edits);
    } else if (!copy(cell.field, items.get(cells[source.source].field), edits)) {
      uncopied.add(1);
      return;
    }
    for (int i = 0; i < source.hashed; i++) edits.hash(cell.field);
    cell.copy(source);
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

  private void extract(Step step, Cell cell, Items items, Edits edits) {
    if (!cell.present() || cell.hashed > 0 || type(cell, items) != Value.Type.TEXT) return;
    int length = text(cell, items);
    chars.set(scratch, 0, length);
    Matcher m = step.matcher.orElseThrow().reset();
    if (!m.find()) return;
    for (int i = 0; i < step.targets.length; i++) {
      // a group that takes no part is an empty text, as in the Collector
      int start = m.start(step.groups[i]);
      int from = start < 0 ? 0 : chars.byteAt(start);
      int to = start < 0 ? 0 : chars.byteAt(m.end(step.groups[i]));
      Cell target = cells[step.targets[i]];
      target.make(scratch, from, to);
      target.put(target.field, edits);
    }
  }

  private void convert(ConvertedType to, Cell cell, Items items, Edits edits) {
    if (!cell.present()) return;
    Value.Type type = cell.hashed > 0 ? Value.Type.TEXT : type(cell, items);
    boolean done =
        switch (to) {
          case STRING -> type == Value.Type.TEXT || makeText(type, cell, items, edits);
          case INT -> type == Value.Type.INT || makeInteger(type, cell, items, edits);
          case DOUBLE -> type == Value.Type.DOUBLE || makeReal(type, cell, items, edits);
        };
    if (!done) unconverted.add(1);
  }

  private boolean makeText(Value.Type type, Cell cell, Items items, Edits edits) {
    switch (type) {
      case INT -> {
        int at = Numbers.decimal(integer(cell, items), scratch);
        cell.make(scratch, at, Numbers.DIGITS);
      }
      case DOUBLE -> {
        byte[] shown = Numbers.text(real(cell, items)).getBytes(StandardCharsets.US_ASCII);
        cell.make(shown, 0, shown.length);
      }
      case BOOL -> {
        byte[] shown = bool(cell, items) ? Numbers.TRUE : Numbers.FALSE;
        cell.make(shown, 0, shown.length);
      }
      default -> {
        return false;
      }
    }
    cell.put(cell.field, edits);
    return true;
  }

  private boolean makeInteger(Value.Type type, Cell cell, Items items, Edits edits) {
    switch (type) {
      case TEXT -> {
        if (cell.hashed > 0) return false;
        int length = text(cell, items);
        if (!Numbers.isInteger(scratch, length)) return false;
        cell.make(Numbers.integer(scratch, length));
      }
      case DOUBLE -> cell.make((long) real(cell, items));
      case BOOL -> cell.make(bool(cell, items) ? 1L : 0L);
      default -> {
        return false;
      }
    }
    cell.put(cell.field, edits);
    return true;
  }

  private boolean makeReal(Value.Type type, Cell cell, Items items, Edits edits) {
    switch (type) {
      case TEXT -> {
        if (cell.hashed > 0) return false;
        String shown = new String(scratch, 0, text(cell, items), StandardCharsets.UTF_8);
        if (!Numbers.isReal(shown)) return false;
        cell.make(Double.parseDouble(shown));
      }
      case INT -> cell.make((double) integer(cell, items));
      case BOOL -> cell.make(bool(cell, items) ? 1.0 : 0.0);
      default -> {
        return false;
      }
    }
    cell.put(cell.field, edits);
    return true;
  }

  private Value arrived(Cell cell, Items items) {
    return items.get(cells[cell.source].field);
  }

  private Value.Type type(Cell cell, Items items) {
    return cell.source == Cell.MADE ? cell.type : arrived(cell, items).type();
  }

  private long integer(Cell cell, Items items) {
    return cell.source == Cell.MADE ? cell.integer : arrived(cell, items).integer();
  }

  private double real(Cell cell, Items items) {
    return cell.source == Cell.MADE ? cell.real : arrived(cell, items).real();
  }

  private boolean bool(Cell cell, Items items) {
    return cell.source == Cell.MADE ? cell.bool : arrived(cell, items).bool();
  }

  /** Copies the text to {@code scratch}; returns its length. */
  private int text(Cell cell, Items items) {
    if (cell.source == Cell.MADE) {
      room(cell.length);
      System.arraycopy(cell.text, 0, scratch, 0, cell.length);
      return cell.length;
    }
    Text text = arrived(cell, items).text();
    int length = text.length();
    room(length);
    text.copy(0, length, scratch, 0);
    return length;
  }

  private void room(int n) {
    if (n > scratch.length) scratch = new byte[n + n / 2];
  }
}
