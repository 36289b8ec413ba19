package io.mop.config;

import io.mop.config.Node.Entry;
import io.mop.config.Node.Form;
import io.mop.config.Node.Items;
import io.mop.config.Node.Mapping;
import io.mop.config.Node.Scalar;
import io.mop.control.ConfigError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML text to {@link Node}s, with substitution. YAML 1.2, one document; anchors, aliases and merge keys ({@code <<})
 * are read, tags other than {@code !!str} are not. Built on the parser's events and not on its composer, which recurses
 * without a limit. Bounds: 64 levels, and 250,000 values, where a value that aliases use counts once for every use and
 * one more for each 32 characters.
 */
final class Yaml {
  static final int MOST_LEVELS = 64;
  static final long MOST_WEIGHT = 250_000;

  private static final String QUOTES = "; ${…} inside { } or [ ] needs quotes";
  private static final int BUFFER = 1 << 16;
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

  private final Problems problems;
  private final Substitution substitution;
  private final Map<Anchor, Node> anchors = new HashMap<>();
  private final Deque<String> path = new ArrayDeque<>();
  private Iterator<Event> events = List.<Event>of().iterator();
  private long weight;
  private int line = 1;

  private Yaml(Problems problems, Substitution substitution) {
    this.problems = problems;
    this.substitution = substitution;
  }

  /**
   * The one document of {@code text}; empty if there is none. Keys set twice and failed substitutions are added to
   * {@code problems}.
   *
   * @throws ConfigError if it is not YAML, or beyond a bound
   */
  static Optional<Node> parse(String text, Problems problems, Substitution substitution) throws ConfigError {
    return new Yaml(problems, substitution).document(text);
  }

  private Optional<Node> document(String text) throws ConfigError {
    try {
      // The reader copies what it holds at every refill: its small default makes one long text take quadratic time.
      int buffer = Math.max(1024, Math.min(BUFFER, text.length()));
      var settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).setBufferSize(buffer).build();
      events = new Parse(settings).parseString(text).iterator();
      expect(Event.ID.StreamStart);
      Event start = next();
      if (start.getEventId() == Event.ID.StreamEnd) return Optional.empty();
      Node root = node(next(), 0);
      expect(Event.ID.DocumentEnd);
      if (next().getEventId() != Event.ID.StreamEnd) throw fatal("a second document; expected one");
      return Optional.of(root);
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      line = mark.map(m -> m.getLine() + 1).orElse(line);
      String hint = text.lines().skip(line - 1L).findFirst().filter(l -> unquoted(l, e)).map(l -> QUOTES).orElse("");
      throw fatal(sentence(e) + hint + mark.map(m -> " (column " + (m.getColumn() + 1) + ")").orElse(""));
    } catch (ReaderException e) {
      int end = text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())));
      line = 1 + (int) text.substring(0, end).chars().filter(c -> c == '\n').count();
      throw fatal(String.format("character U+%04X is not allowed in YAML", e.getCodePoint()));
    } catch (YamlEngineException | IndexOutOfBoundsException | IllegalArgumentException | NoSuchElementException e) {
      // Beside its own exceptions the parser lets out those of the numbers and escapes that it reads.
      throw fatal("not valid YAML");
    }
  }

  /** YAML ends a plain text at the brace of {@code ${}, between braces or brackets. */
  private static boolean unquoted(String line, MarkedYamlEngineException e) {
    return line.contains("${") && String.valueOf(e.getProblem()).contains("got {");
  }

  /** The parser's words, without text of the file: it may be a secret that lacks its quotes. */
  private static String sentence(MarkedYamlEngineException e) {
    String problem = e.getProblem() == null ? "not valid YAML" : e.getProblem();
    if (problem.startsWith("found undefined tag handle")) problem = "found an undefined tag handle";
    String context = e.getContext() == null ? "" : ", " + e.getContext();
    return (problem + context).replaceAll("\\s+", " ").strip();
  }

  private Node node(Event event, int level) throws ConfigError {
    if (level > MOST_LEVELS) throw fatal("nested deeper than " + MOST_LEVELS + " levels");
    if (event instanceof AliasEvent alias) {
      Node node = anchors.get(alias.getAlias());
      if (node == null) throw fatal("an alias without an anchor above it; text that starts with * needs quotes");
      count(node.weight());
      return node;
    }
    int column = column(event);
    Node node;
    if (event instanceof ScalarEvent scalar) {
      node = scalar(scalar, column);
    } else if (event instanceof CollectionStartEvent start) {
      tag(start.getTag());
      count(1);
      node = event.getEventId() == Event.ID.SequenceStart ? items(level, column) : mapping(level, column);
    } else {
      throw fatal("not valid YAML");
    }
    ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, node));
    return node;
  }

  private Node scalar(ScalarEvent event, int column) throws ConfigError {
    tag(event.getTag());
    String written = event.getValue();
    if (event.isPlain() && event.getTag().isEmpty() && NULLS.contains(written)) {
      count(1);
      return new Scalar("", "", Form.NULL, false, line, column, 1);
    }
    String text = written;
    Form form = Form.TEXT;
    try {
      text = substitution.apply(written);
    } catch (Substitution.Unresolved e) {
      problems.add(new At(line, path()), e.getMessage());
      form = Form.BROKEN;
    }
    long own = 1 + text.length() / 32;
    count(own);
    return new Scalar(text, written, form, !event.isPlain(), line, column, own);
  }

  private Node items(int level, int column) throws ConfigError {
    int start = line;
    long before = weight;
    List<Node> values = new ArrayList<>();
    for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
      path.addLast("[" + values.size() + "]");
      values.add(node(event, level + 1));
      path.removeLast();
    }
    return new Items(List.copyOf(values), start, column, 1 + weight - before);
  }

  private Node mapping(int level, int column) throws ConfigError {
    int start = line;
    long before = weight;
    Map<String, Entry> entries = new LinkedHashMap<>();
    List<Mapping> merges = new ArrayList<>();
    for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
      if (!(event instanceof ScalarEvent key)) throw fatal("a key that is not text");
      tag(key.getTag());
      int keyLine = line;
      int keyColumn = column(event);
      String name = key.getValue();
      if (name.isEmpty()) throw fatal("a value without a key");
      count(1 + name.length() / 32);
      key.getAnchor().ifPresent(a -> anchors.put(a, Scalar.of(name, keyLine, keyColumn)));
      path.addLast(name);
      Node value = node(next(), level + 1);
      path.removeLast();
      Entry first = entries.get(name);
      if (key.isPlain() && name.equals("<<")) merges.addAll(merged(value));
      else if (first == null) entries.put(name, new Entry(value, keyLine, keyColumn));
      else problems.add(new At(keyLine, path()).key(name, keyLine), "set twice; first in line " + first.line());
    }
    for (Mapping merge : merges) merge.entries().forEach(entries::putIfAbsent);
    return new Mapping(Collections.unmodifiableMap(entries), start, column, 1 + weight - before);
  }

  private List<Mapping> merged(Node value) throws ConfigError {
    if (value instanceof Mapping map) return List.of(map);
    List<Mapping> all = new ArrayList<>();
    if (value instanceof Items items) for (Node item : items.values()) if (item instanceof Mapping map) all.add(map);
    boolean good = value instanceof Items items && items.values().size() == all.size();
    if (!good) throw fatal("<<: expected an alias of a map, or a list of them");
    return all;
  }

  private void tag(Optional<String> tag) throws ConfigError {
    boolean text = tag.isEmpty() || tag.get().equals("!") || tag.get().equals("tag:yaml.org,2002:str");
    if (!text) throw fatal("tags are not supported; text that starts with ! needs quotes");
  }

  private void count(long more) throws ConfigError {
    weight += more;
    if (weight > MOST_WEIGHT) throw fatal("more than 250,000 values, counting each use of an alias");
  }

  private Event next() {
    Event event = events.next();
    line = event.getStartMark().map(m -> m.getLine() + 1).orElse(line);
    return event;
  }

  private void expect(Event.ID id) throws ConfigError {
    if (next().getEventId() != id) throw fatal("not valid YAML");
  }

  private static int column(Event event) {
    return event.getStartMark().map(m -> m.getColumn() + 1).orElse(1);
  }

  private String path() {
    var out = new StringBuilder();
    for (String part : path) {
      if (out.length() > 0 && !part.startsWith("[")) out.append('.');
      out.append(Names.printable(part));
    }
    return out.toString();
  }

  /** What the rest of the file says is unknown from here on. */
  private ConfigError fatal(String sentence) {
    return new ConfigError(List.of(problems.text(new At(line, ""), sentence)));
  }
}
