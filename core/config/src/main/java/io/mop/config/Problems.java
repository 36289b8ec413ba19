package io.mop.config;

import io.mop.control.ConfigError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** Everything wrong with one file, one sentence each. */
final class Problems {
  /** More would not be read, and a hostile file must not fill the memory. */
  private static final int MOST = 100;

  private record Problem(int line, String text) {}

  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private int more;

  /** @param file as in {@code file:line}; empty = no file, problems start with their path */
  Problems(String file) {
    this.file = file;
  }

  void add(At at, String sentence) {
    add(at, () -> sentence);
  }

  /** Asks for the sentence only if it will be shown: a nearest name is not cheap. */
  void add(At at, Supplier<String> sentence) {
    if (problems.size() < MOST) problems.add(new Problem(at.line(), text(at, sentence.get())));
    else more++;
  }

  /** {@code file:line: path: sentence}; an empty path is left out. */
  String text(At at, String sentence) {
    var out = new StringBuilder();
    if (!file.isEmpty()) out.append(where(at.line())).append(": ");
    if (!at.path().isEmpty()) out.append(at.path()).append(": ");
    return out.append(sentence).toString();
  }

  String where(int line) {
    return file + ":" + line;
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /** In the order of the file. */
  ConfigError error() {
    List<String> texts = new ArrayList<>();
    problems.stream().sorted(Comparator.comparingInt(Problem::line)).forEach(p -> texts.add(p.text()));
    if (more > 0) texts.add(file + ": " + more + " more problems");
    return new ConfigError(texts);
  }

  void throwIfAny() throws ConfigError {
    if (!isEmpty()) throw error();
  }
}
