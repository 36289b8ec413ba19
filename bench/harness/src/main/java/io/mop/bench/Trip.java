package io.mop.bench;

import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Plugins that do harm: each is named and taken out, and the pipeline beside it loses nothing. */
final class Trip {
  private static final List<String> CASES = List.of("throw", "hang", "allocate", "grow", "direct", "threads");
  private static final int REQUESTS = 3_000;
  private static final int SPANS = 100;

  private final Places places;

  Trip(Places places) {
    this.places = places;
  }

  /** True if all were named and nothing was lost. */
  boolean run() throws IOException {
    int named = 0;
    long lost = 0;
    System.out.println(Host.load());
    System.out.printf("%-10s %-7s %10s %10s %10s  %s%n", "case", "named", "sent", "others", "bypassed", "reason");
    for (String how : CASES) {
      Outcome o = one(how);
      if (o.named) named++;
      lost += Math.abs(o.sent - o.others) + Math.abs(o.sent - o.bypassed);
      System.out.printf(
          Locale.ROOT, "%-10s %-7s %10d %10d %10d  %s%n",
          how, o.named ? "yes" : "NO", o.sent, o.others, o.bypassed, o.reason);
    }
    System.out.printf("RESULT trip cases=%d named=%d others_lost=%d%n", CASES.size(), named, lost);
    return named == CASES.size() && lost == 0;
  }

  private record Outcome(boolean named, long sent, long others, long bypassed, String reason) {}

  private Outcome one(String how) throws IOException {
    String yaml =
        """
        receivers:
          bench_source/well: { requests: %1$d, rate: 300 }
          bench_source/ill: { requests: %1$d, rate: 300, first: 1000000000 }
        processors:
          attributes: { actions: [ { key: url.path, action: delete } ] }
          bench_misbehave: { how: %2$s }
        exporters:
          bench_sink/well:
          bench_sink/ill:
        service:
          memory: 64MiB
          pipelines:
            traces/well: { receivers: [bench_source/well], processors: [attributes], exporters: [bench_sink/well] }
            traces/ill:
              receivers: [bench_source/ill]
              processors: [bench_misbehave]
              exporters: [bench_sink/ill]
              on_missing: bypass
        """
            .formatted(REQUESTS, how);
    Path directory = Files.createTempDirectory("mop-trip-");
    long all = (long) REQUESTS * SPANS;
    try (Mop mop = new Mop(places.home(), directory, yaml, List.of(), List.of(places.plugins()))) {
      mop.await(
          90,
          s -> mop.counter(s, "exporters.bench_sink/well received") >= all
              && mop.counter(s, "exporters.bench_sink/ill received") >= all
              && !reason(s).isEmpty());
      JsonObject end = mop.status();
      return new Outcome(
          reason(end).startsWith("tripped"),
          all,
          mop.counter(end, "exporters.bench_sink/well received"),
          mop.counter(end, "exporters.bench_sink/ill received"),
          reason(end));
    }
  }

  private static String reason(JsonObject status) {
    if (status.isEmpty()) return "";
    for (JsonValue c : status.getJsonArray("components")) {
      JsonObject component = c.asJsonObject();
      if (component.getString("path").equals("processors.bench_misbehave")) return component.getString("reason");
    }
    return "";
  }
}
