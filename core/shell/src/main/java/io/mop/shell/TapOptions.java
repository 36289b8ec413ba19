package io.mop.shell;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What follows {@code mop:tap}.
 *
 * @param edge empty = list them
 * @param limit items after which it ends; 0 = none
 * @param rate most items a second that are shown
 */
record TapOptions(
    Optional<String> edge, Set<Signal> signals, long limit, int rate, List<TapMatch> matches, boolean diff,
    boolean json) {
  static final String USAGE =
      "expected mop:tap [EDGE | --diff PROCESSOR] [--signal traces|metrics|logs] [--limit N] [--rate N/s]"
          + " [--match key=value] [-o text|json].";
  private static final int RATE = 10;

  /** @throws IllegalArgumentException with a sentence */
  static TapOptions parse(String... args) {
    Deque<String> words = new ArrayDeque<>(Arrays.asList(args));
    Optional<String> edge = Optional.empty();
    Optional<String> diff = Optional.empty();
    Set<Signal> signals = Set.of(Signal.values());
    long limit = 0;
    int rate = RATE;
    List<TapMatch> matches = new ArrayList<>();
    boolean json = false;
    while (!words.isEmpty()) {
      String word = words.poll();
      switch (word) {
        case "--signal" -> signals = Set.of(signal(value(word, words)));
        case "--limit" -> limit = number(word, value(word, words), Long.MAX_VALUE);
        case "--rate" -> rate = (int) number(word, value(word, words).replaceFirst("/s$", ""), Tap.MOST);
        case "--match" -> matches.add(TapMatch.parse(value(word, words)));
        case "--diff" -> diff = Optional.of(value(word, words));
        case "-o", "--output" -> json = json(value(word, words));
        default -> {
          if (word.startsWith("-") || edge.isPresent()) {
            throw new IllegalArgumentException("\"" + word + "\": " + USAGE);
          }
          edge = Optional.of(word);
        }
      }
    }
    if (diff.isPresent()) {
      if (edge.isPresent()) throw new IllegalArgumentException("An edge and --diff name two places: " + USAGE);
      edge = diff.map(d -> d.contains(".") ? d : "processors." + d);
    }
    return new TapOptions(edge, signals, limit, rate, List.copyOf(matches), diff.isPresent(), json);
  }

  private static String value(String option, Deque<String> words) {
    if (words.isEmpty()) throw new IllegalArgumentException(option + " lacks its value: " + USAGE);
    return words.poll();
  }

  private static Signal signal(String name) {
    for (Signal s : Signal.values()) if (s.name().equalsIgnoreCase(name)) return s;
    throw new IllegalArgumentException("Signal \"" + name + "\" is unknown: expected traces, metrics or logs.");
  }

  private static boolean json(String output) {
    return switch (output.toLowerCase(Locale.ROOT)) {
      case "json" -> true;
      case "text" -> false;
      default -> throw new IllegalArgumentException("Output \"" + output + "\" is unknown: expected text or json.");
    };
  }

  private static long number(String option, String text, long most) {
    try {
      long n = Long.parseLong(text);
      if (n >= 1 && n <= most) return n;
    } catch (NumberFormatException e) {
      // the sentence below
    }
    throw new IllegalArgumentException(
        option + " is \"" + text + "\", expected 1 " + (most == Long.MAX_VALUE ? "or more." : "to " + most + "."));
  }

  /** With a condition more items are looked at than are shown. */
  int copies() {
    return matches.isEmpty() ? rate : Math.max(rate, Tap.MOST / 10);
  }
}
