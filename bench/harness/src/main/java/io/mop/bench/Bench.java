package io.mop.bench;

import java.nio.file.Path;
import java.util.List;

/** {@code bench/run NAME}: prints a table and one line {@code RESULT NAME key=value …}; exit 0 when what must be exact is. */
public final class Bench {
  private static final List<String> NAMES = List.of("trip");

  private Bench() {}

  /** @param args home of the distribution, JAR of the benchmark plugins, NAME, options */
  public static void main(String[] args) throws Exception {
    if (args.length < 3 || !NAMES.contains(args[2])) {
      System.err.println("usage: bench/run NAME, one of " + String.join(", ", NAMES));
      System.exit(2);
    }
    Path home = Path.of(args[0]);
    Path plugins = Path.of(args[1]);
    boolean exact = new Trip(home, plugins).run();
    System.exit(exact ? 0 : 1);
  }
}
