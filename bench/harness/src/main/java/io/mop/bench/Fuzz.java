package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The fuzz tests of all probes' decoders, with more inputs than a build has. */
final class Fuzz {
  private static final Pattern PLAYED = Pattern.compile("fuzzing with -Dmop\\.fuzz\\.inputs=(\\d+)");
  private static final Pattern COUNTS = Pattern.compile("<testsuite [^>]*>");

  private final Places places;
  private final int inputs;
  private final String seed;

  Fuzz(Places places, Options options) {
    this.places = places;
    inputs = options.number("inputs", 10_000_000);
    seed = Integer.toString(options.number("seed", 1));
  }

  /** True if each probe's decoder stood all inputs. */
  boolean run() throws IOException, InterruptedException {
    System.out.println(Host.load());
    List<Path> probes = probes();
    Instant start = Instant.now();
    boolean built = maven(probes);
    long played = 0;
    int failures = 0;
    System.out.printf("%-20s %12s %10s%n", "probe", "inputs", "failures");
    for (Path probe : probes) {
      String report = report(probe, start);
      Matcher some = PLAYED.matcher(report);
      long here = some.find() ? Long.parseLong(some.group(1)) : 0;
      // No report, or one without inputs: the test did not run.
      int bad = here == 0 ? 1 : count(report, "failures") + count(report, "errors");
      System.out.printf("%-20s %12d %10d%n", probe.getFileName(), here, bad);
      played += here;
      failures += bad;
    }
    System.out.printf("RESULT fuzz protocols=%d inputs=%d failures=%d%n", probes.size(), played, failures);
    return built && failures == 0 && played == (long) inputs * probes.size();
  }

  private List<Path> probes() throws IOException {
    List<Path> probes = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(places.checkout().resolve("plugins"), "probe-*")) {
      for (Path probe : all) if (fuzzed(probe)) probes.add(probe);
    }
    probes.sort(null);
    return probes;
  }

  private static boolean fuzzed(Path probe) throws IOException {
    try (Stream<Path> files = Files.walk(probe.resolve("src"))) {
      return files.anyMatch(f -> f.endsWith("FuzzTest.java"));
    }
  }

  private boolean maven(List<Path> probes) throws IOException, InterruptedException {
    String modules = String.join(",", probes.stream().map(p -> "plugins/" + p.getFileName()).toList());
    List<String> command =
        List.of("mvn", "-q", "-B", "-ntp", "-fae", "-pl", modules, "-am", "test", "-Dtest=io.mop.plugins.**.FuzzTest",
            "-Dsurefire.failIfNoSpecifiedTests=false", "-Dmop.fuzz.inputs=" + inputs, "-Dmop.fuzz.seed=" + seed);
    return new ProcessBuilder(command).directory(places.checkout().toFile()).inheritIO().start().waitFor() == 0;
  }

  /** Text of the report that this run has written; empty if there is none. */
  private static String report(Path probe, Instant start) throws IOException {
    Path reports = probe.resolve("target/surefire-reports");
    if (!Files.isDirectory(reports)) return "";
    try (DirectoryStream<Path> files = Files.newDirectoryStream(reports, "TEST-*.FuzzTest.xml")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).compareTo(FileTime.from(start)) >= 0) return Files.readString(file);
      }
    }
    return "";
  }

  private static int count(String report, String name) {
    Matcher suite = COUNTS.matcher(report);
    if (!suite.find()) return 1;
    Matcher value = Pattern.compile(" " + name + "=\"(\\d+)\"").matcher(suite.group());
    return value.find() ? Integer.parseInt(value.group(1)) : 1;
  }
}
