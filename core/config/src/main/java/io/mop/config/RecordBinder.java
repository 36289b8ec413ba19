package io.mop.config;

import io.mop.api.plugin.InvalidConfig;
import io.mop.control.Binding;
import io.mop.control.ConfigError;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Binds the section of one component to the records of its plugin's versions. Thread-safe. */
public final class RecordBinder implements Binding {
  private final String file;
  private final At at;
  private final Node node;
  private final Collection<String> engineKeys;
  private final Map<String, String> hints;
  private final Set<String> secrets = ConcurrentHashMap.newKeySet();

  /**
   * @param file as problems name it
   * @param engineKeys keys of the section that are not the plugin's
   * @param hints values of keys that are not written, where the record has such a key
   */
  RecordBinder(String file, At at, Node node, Collection<String> engineKeys, Map<String, String> hints) {
    this.file = file;
    this.at = at;
    this.node = node;
    this.engineKeys = engineKeys;
    this.hints = hints;
  }

  /**
   * A record of {@code type} with every key at its default.
   *
   * @throws IllegalArgumentException if a key has no default, or the record refuses its own
   */
  public static <C extends Record> C defaults(Class<C> type) {
    try {
      return new RecordBinder("", new At(0, ""), Node.nothing(0), Set.of(), Map.of()).bind(type);
    } catch (ConfigError e) {
      throw new IllegalArgumentException(type.getName() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public <C extends Record> C bind(Class<C> type) throws ConfigError {
    var problems = new Problems(file);
    var bound = bind(type, problems);
    problems.throwIfAny();
    return bound.orElseThrow();
  }

  /** The same, with the problems added to others. */
  <C extends Record> Optional<C> bind(Class<C> type, Problems problems) {
    return new Binder(problems, secrets).bind(type, hinted(type), at, engineKeys);
  }

  /** The section with those hints that the record has a key for and the file does not set. */
  private Node hinted(Class<? extends Record> type) {
    if (hints.isEmpty() || !(node instanceof Node.Mapping || node.isNull())) return node;
    var entries = new LinkedHashMap<String, Node.Entry>();
    if (node instanceof Node.Mapping map) entries.putAll(map.entries());
    Set<String> keys = names(type);
    hints.forEach((key, value) -> {
      if (keys.contains(key))
        entries.putIfAbsent(key, new Node.Entry(Node.Scalar.of(value, at.line(), 1), at.line(), 1));
    });
    return new Node.Mapping(entries, node.line(), node.column(), node.weight());
  }

  /** The keys of {@code type}; none if it is not a configuration record, which binding reports. */
  static Set<String> names(Class<? extends Record> type) {
    try {
      return Keys.of(type).keys().keySet();
    } catch (RuntimeException | LinkageError e) {
      return Set.of();
    }
  }

  @Override
  public ConfigError locate(InvalidConfig problem) {
    var problems = new Problems(file);
    problems.add(at.below(node, problem.key()), new Binder(problems, secrets).sentence(problem));
    return problems.error();
  }

  /** Includes the engine's keys of the section: a changed queue is a changed component. */
  @Override
  public String fingerprint() {
    var out = new StringBuilder(hints.isEmpty() ? "" : new TreeMap<>(hints).toString());
    node.canonical(out);
    return out.toString();
  }

  /** No text of the file: it may hold secrets. */
  @Override
  public String toString() {
    return "RecordBinder[" + at.path() + "]";
  }
}
