package io.mop.config;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.config.Node.Entry;
import io.mop.config.Node.Items;
import io.mop.config.Node.Mapping;
import io.mop.config.Node.Scalar;
import io.mop.control.ConfigError;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One binding of nodes to records; collects every problem and the secrets it met. */
final class Binder {
  /** Stands for a value that has a problem; the rest of its record is bound all the same, to report it too. */
  private static final Object FAILED = new Object();

  private final Problems problems;
  private final Set<String> secrets;
  private final Map<Class<?>, Keys<?>> known = new HashMap<>();

  /** @param secrets the texts of secrets are added to it, and never appear in a problem */
  Binder(Problems problems, Set<String> secrets) {
    this.problems = problems;
    this.secrets = secrets;
  }

  /**
   * A record from {@code node}; empty if there were problems.
   *
   * @param also keys of {@code node} that are not the record's and that the caller reads
   */
  <C extends Record> Optional<C> bind(Class<C> type, Node node, At at, Collection<String> also) {
    try {
      Object value = section(type, node, at, also);
      return value == FAILED ? Optional.empty() : Optional.of(type.cast(value));
    } catch (RuntimeException | LinkageError e) {
      problems.add(at, "the plugin's configuration type is at fault: " + safe(e.getMessage()));
      return Optional.empty();
    }
  }

  private Object section(Class<? extends Record> type, Node node, At at, Collection<String> also) {
    Keys<?> keys = known.computeIfAbsent(type, t -> Keys.of(t.asSubclass(Record.class)));
    if (node instanceof Scalar s && s.form() == Node.Form.BROKEN) return FAILED;
    if (!(node instanceof Mapping) && !node.isNull()) return mismatch(new Shape.Section(type), node, at);
    Map<String, Entry> entries = node instanceof Mapping map ? map.entries() : Map.of();
    boolean good = onlyKnown(keys, entries, at, also);
    Object[] values = new Object[keys.keys().size()];
    int i = 0;
    for (Keys.One key : keys.keys().values()) {
      Optional<Entry> entry = Optional.ofNullable(entries.get(key.name()));
      At unwritten = at.key(key.name(), at.line());
      values[i] = entry.isPresent() ? written(key, entry.get(), at) : absent(key, key.shape(), unwritten);
      good &= values[i++] != FAILED;
    }
    return good ? construct(keys, values, node, at) : FAILED;
  }

  /** Reports every key that is not one of the record's. */
  private boolean onlyKnown(Keys<?> keys, Map<String, Entry> entries, At at, Collection<String> also) {
    Set<String> names = new LinkedHashSet<>(keys.keys().keySet());
    names.addAll(also);
    boolean good = true;
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      String key = entry.getKey();
      if (names.contains(key)) continue;
      good = false;
      problems.add(at.key(key, entry.getValue()), () -> unknown(key, names));
    }
    return good;
  }

  static String unknown(String key, Collection<String> names) {
    if (names.isEmpty()) return "unknown key; there are no keys here";
    return "unknown key; expected " + (names.size() == 1 ? "" : "one of ") + Names.list(names)
        + Names.nearestTo(key, names);
  }

  private Object written(Keys.One key, Entry entry, At at) {
    At place = at.key(key.name(), entry);
    if (!entry.value().isNull()) return value(key, key.shape(), entry.value(), place);
    // "tls:" with nothing after it switches an optional section on, with its defaults, as in the collector.
    boolean on = key.shape() instanceof Shape.Maybe maybe && maybe.of() instanceof Shape.Section;
    if (on && key.value().isEmpty()) return value(key, key.shape(), entry.value(), place);
    return absent(key, key.shape(), place);
  }

  private Object absent(Keys.One key, Shape shape, At at) {
    if (key.value().isPresent()) return value(key, shape, byDefault(key, at), at);
    if (shape instanceof Shape.Maybe) return Optional.empty();
    if (shape instanceof Shape.Many) return List.of();
    if (shape instanceof Shape.Table) return Map.of();
    if (shape instanceof Shape.Section section) return section(section.type(), Node.nothing(at.line()), at, Set.of());
    problems.add(at, "missing; expected " + Scalars.expected(shape, key.min(), key.max()));
    return FAILED;
  }

  /** The default as a node: plain text as it is, lists and maps as YAML. */
  private static Node byDefault(Keys.One key, At at) {
    String text = key.value().orElseThrow();
    Shape shape = key.shape() instanceof Shape.Maybe maybe ? maybe.of() : key.shape();
    boolean plain = shape instanceof Shape.Plain || shape instanceof Shape.Choice;
    if (plain) return Scalar.of(text, at.line(), 1);
    try {
      // No substitution: a plugin's default must not read the environment.
      var none = new Substitution(name -> null, Path.of(""));
      return Yaml.parse(text.replace("$", "$$"), new Problems(""), none).orElse(Node.nothing(at.line()));
    } catch (ConfigError e) {
      throw new IllegalArgumentException("default of " + key.name() + ": " + e.getMessage(), e);
    }
  }

  private Object value(Keys.One key, Shape shape, Node node, At at) {
    if (node instanceof Scalar s && s.form() == Node.Form.BROKEN) return FAILED;
    if (shape instanceof Shape.Maybe maybe) {
      Object value = value(key, maybe.of(), node, at);
      return value == FAILED ? FAILED : Optional.of(value);
    }
    if (shape instanceof Shape.Many many) return list(key, many, node, at);
    if (shape instanceof Shape.Table table) return table(key, table, node, at);
    if (shape instanceof Shape.Section section) return section(section.type(), node, at, Set.of());
    if (shape == Shape.Plain.ANY) return node;
    return scalar(key, shape, node, at);
  }

  private Object list(Keys.One key, Shape.Many shape, Node node, At at) {
    if (!(node instanceof Items items)) return mismatch(shape, node, at);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.values().size(); i++) {
      Node item = items.values().get(i);
      values.add(value(key, shape.of(), item, at.item(i, item.line())));
    }
    return values.contains(FAILED) ? FAILED : List.copyOf(values);
  }

  private Object table(Keys.One key, Shape.Table shape, Node node, At at) {
    if (!(node instanceof Mapping map)) return mismatch(shape, node, at);
    Map<String, Object> values = new LinkedHashMap<>();
    map.entries().forEach(
        (name, entry) -> values.put(name, value(key, shape.of(), entry.value(), at.key(name, entry))));
    return values.containsValue(FAILED) ? FAILED : Collections.unmodifiableMap(values);
  }

  private Object scalar(Keys.One key, Shape shape, Node node, At at) {
    if (!(node instanceof Scalar scalar) || node.isNull()) {
      String expected = Scalars.expected(shape, key.min(), key.max());
      problems.add(at, "expected " + expected + ", got " + node.kind());
      return FAILED;
    }
    if (shape == Shape.Plain.TYPED) return scalar.typed();
    Optional<Object> value = Scalars.value(scalar.text(), shape, key.min(), key.max());
    value.ifPresent(v -> {
      if (v instanceof Secret secret && !secret.reveal().isEmpty()) secrets.add(secret.reveal());
    });
    return value.isPresent() ? value.get() : refuse(key, shape, scalar, at);
  }

  private Object refuse(Keys.One key, Shape shape, Scalar scalar, At at) {
    String expected = "expected " + Scalars.expected(shape, key.min(), key.max()) + ", got " + scalar.kind();
    if (shape instanceof Shape.Choice choice) expected += Names.nearestTo(scalar.written(), choice.names());
    problems.add(at, expected);
    return FAILED;
  }

  private Object mismatch(Shape shape, Node node, At at) {
    problems.add(at, "expected " + shape.expected() + ", got " + node.kind());
    return FAILED;
  }

  private Object construct(Keys<?> keys, Object[] values, Node node, At at) {
    try {
      return keys.constructor().newInstance(values);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof VirtualMachineError fatal) throw fatal;
      if (cause instanceof InvalidConfig invalid) problems.add(at.below(node, invalid.key()), () -> sentence(invalid));
      else if (cause instanceof IllegalArgumentException invalid) problems.add(at, () -> safe(invalid.getMessage()));
      else problems.add(at, () -> "the plugin's configuration type failed: " + safe(cause.toString()));
    } catch (ReflectiveOperationException e) {
      problems.add(at, "the plugin's configuration type cannot be made: " + safe(e.toString()));
    }
    return FAILED;
  }

  /** {@code expected …}, which is what an {@link InvalidConfig} says. */
  String sentence(InvalidConfig invalid) {
    String message = safe(invalid.getMessage());
    return message.startsWith("expected ") ? message : "expected " + message;
  }

  /** A plugin's words, on one line and without any secret it was given. */
  private String safe(String message) {
    if (message == null || message.isBlank()) return "a value that the plugin refuses";
    String safe = message;
    for (String secret : longestFirst()) safe = safe.replace(secret, "***");
    return safe.replaceAll("\\s+", " ").strip();
  }

  private List<String> longestFirst() {
    List<String> all = new ArrayList<>(secrets);
    all.sort(Comparator.comparingInt(String::length).reversed());
    return all;
  }
}
