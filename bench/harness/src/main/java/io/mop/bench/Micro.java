package io.mop.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the capture programs alone add to an operation in the kernel, as {@code bench/c/overhead.c} measures it. */
final class Micro {
  private static final int RING_KIB = 8192;

  /** Nanoseconds an operation without and with the programs, and the difference an event. */
  record Case(double off, double on, double perEvent) {}

  private final Map<String, Case> cases = new LinkedHashMap<>();
  private final String what;

  /** @param bytes of a message; an exchange is a message each way */
  Micro(Path program, Path object, Path classifier, String hook, String cpu, int pairs, int bytes)
      throws IOException, InterruptedException {
    what = bytes + " bytes each way; 10th percentiles, lower quartiles of " + pairs + " pairs";
    List<String> command =
        List.of(program.toString(), object.toString(), classifier.toString(), hook, cpu, "" + pairs, "" + bytes, "" + RING_KIB);
    for (String line : Host.output(new ProcessBuilder(command)).split("\n")) {
      String[] words = line.split(" ");
      if (words.length == 4) {
        double[] ns = {Double.parseDouble(words[1]), Double.parseDouble(words[2]), Double.parseDouble(words[3])};
        cases.put(words[0], new Case(ns[0], ns[1], ns[2]));
      } else if (!words[2].equals("0")) {
        System.out.println(words[2] + " records found no room in the ring, which is cheaper: the figures are too good");
      }
    }
  }

  double perEvent(String name) {
    return cases.get(name).perEvent;
  }

  void print() {
    System.out.println(what);
    cases.forEach((name, c) ->
        System.out.printf(Locale.ROOT, "%-28s %10.0f %10.0f %10.1f ns an event%n", name, c.off, c.on, c.perEvent));
  }
}
