package io.mop.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * {@code bench/run NAME}: prints a table and one line {@code RESULT NAME key=value …}; exit 0 when what must be exact
 * is.
 */
public final class Bench {
  private static final String NAMES =
      "trip, swap, passthrough, first-span, abuse, exact, ring-overload, probe-cycles, link, fuzz, overhead, footprint";

  private Bench() {}

  /** @param args root of the checkout, NAME, options */
  public static void main(String[] args) throws Exception {
    if (args.length < 2) {
      usage("no NAME");
      return;
    }
    Places places = Places.of(Path.of(args[0]));
    List<String> words = Arrays.asList(args).subList(2, args.length);
    try {
      System.exit(run(places, args[1], words) ? 0 : 1);
    } catch (IllegalArgumentException e) {
      usage(e.getMessage());
    }
  }

  private static boolean run(Places places, String name, List<String> words) throws Exception {
    return switch (name) {
      case "trip" -> {
        new Options(words, List.of());
        yield new Trip(places).run();
      }
      case "swap" -> new Swap(places, new Options(words, List.of("spans", "requests", "rate"))).run();
      case "passthrough" ->
          new Passthrough(places, new Options(words, List.of("seconds", "peer", "peer-config"))).run();
      case "first-span" -> new FirstSpan(places, new Options(words, List.of("rounds"))).run();
      case "abuse" -> new Abuse(places, new Options(words, List.of("connections"))).run();
      case "exact" ->
          new Exact(places, new Options(words, List.of("hook", "requests", "operations", "transactions"))).run();
      case "ring-overload" -> new Overload(places, new Options(words, List.of("hook", "requests"))).run();
      case "probe-cycles" -> new Cycles(places, new Options(words, List.of("hook", "cycles", "rate", "probe"))).run();
      case "link" -> new Link(places, new Options(words, List.of("hook", "connections", "requests"))).run();
      case "fuzz" -> new Fuzz(places, new Options(words, List.of("inputs", "seed"))).run();
      case "overhead" -> new Overhead(places, new Options(words, List.of("hook", "pairs", "seconds"))).run();
      case "footprint" -> new Footprint(places, new Options(words, List.of("hook", "execs"))).run();
      default -> throw new IllegalArgumentException("unknown NAME " + name);
    };
  }

  private static void usage(String problem) {
    System.err.println("bench/run: " + problem + "; usage: bench/run NAME [options], NAME one of " + NAMES);
    System.exit(2);
  }
}
