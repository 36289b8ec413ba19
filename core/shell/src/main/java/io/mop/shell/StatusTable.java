package io.mop.shell;

import io.mop.control.Reloader;
import io.mop.control.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A status for people. */
final class StatusTable {
  private StatusTable() {}

  static String of(Status status, Optional<Reloader.Applied> configuration) {
    StringBuilder b = new StringBuilder();
    b.append("MOP is ").append(status.state()).append(", up ").append(duration(status.uptimeMillis()))
        .append(", holds ").append(Table.size(status.memoryUsed()))
        .append(" of ").append(Table.size(status.memoryLimit()))
        .append('\n');
    configuration.ifPresent(c -> b.append(configuration(c)));
    b.append('\n');
    components(status, b);
    b.append('\n');
    ledger(status, b);
    counters(status, b);
    return b.toString();
  }

  /** A line, and another one if the file is not what runs. */
  static String configuration(Reloader.Applied applied) {
    StringBuilder b = new StringBuilder();
    b.append("configuration ").append(applied.file()).append(", ").append(StatusJson.shortHash(applied))
        .append(", since ").append(since(applied.since())).append('\n');
    applied.rejected().ifPresent(r -> {
      int more = r.problems().size() - 1;
      b.append("REJECTED ").append(since(r.at())).append(": ").append(Table.cell(r.problems().get(0)));
      if (more > 0) b.append(" (and ").append(more).append(" more)");
      b.append('\n');
    });
    return b.toString();
  }

  private static void components(Status status, StringBuilder b) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("COMPONENT", "PLUGIN", "HEALTH", "SINCE", "REASON"));
    for (Status.Component c : status.components()) {
      rows.add(
          List.of(
              c.path(),
              (c.plugin() + " " + c.version()).strip(),
              c.healthy() ? "healthy" : "UNHEALTHY",
              since(c.since()),
              Table.cell(c.reason())));
    }
    b.append(Table.of(rows, 5, 0));
  }

  private static void ledger(Status status, StringBuilder b) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "COMPONENT", "SIGNAL", "IN", "CREATED", "OUT", "SAMPLED OUT", "FILTERED", "REFUSED", "FAILED", "HELD",
            "DIFFERENCE"));
    for (Status.Flow f : status.flows()) {
      rows.add(
          List.of(
              f.path(),
              f.signal().name().toLowerCase(Locale.ROOT),
              Long.toString(f.in()),
              Long.toString(f.created()),
              Long.toString(f.out()),
              Long.toString(f.sampledOut()),
              Long.toString(sum(f.filtered())),
              Long.toString(sum(f.refused())),
              Long.toString(sum(f.failed())),
              Long.toString(f.held()),
              Long.toString(f.difference())));
    }
    b.append(Table.of(rows, 2, 9));
    List<List<String>> reasons = new ArrayList<>();
    reasons.add(List.of("COMPONENT", "SIGNAL", "WHAT", "REASON", "ITEMS"));
    for (Status.Flow f : status.flows()) {
      reasons(f, "filtered", f.filtered(), reasons);
      reasons(f, "refused", f.refused(), reasons);
      reasons(f, "failed", f.failed(), reasons);
    }
    if (reasons.size() > 1) {
      b.append('\n');
      b.append(Table.of(reasons, 4, 1));
    }
  }

  private static void counters(Status status, StringBuilder b) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("COMPONENT", "COUNTER", "VALUE"));
    new TreeMap<>(status.counters())
        .forEach(
            (name, value) -> {
              int space = name.indexOf(' ');
              if (value == 0) return;
              rows.add(List.of(name.substring(0, space), name.substring(space + 1), Long.toString(value)));
            });
    if (rows.size() > 1) {
      b.append('\n');
      b.append(Table.of(rows, 2, 1));
    }
  }

  private static void reasons(Status.Flow f, String what, Map<String, Long> counts, List<List<String>> rows) {
    new TreeMap<>(counts)
        .forEach(
            (reason, count) -> {
              if (count != 0) {
                rows.add(
                    List.of(
                        f.path(), f.signal().name().toLowerCase(Locale.ROOT), what,
                        Table.cell(reason), Long.toString(count)));
              }
            });
  }

  static String since(long unixMillis) {
    return unixMillis == 0 ? "-" : Instant.ofEpochMilli(unixMillis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static long sum(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private static String duration(long millis) {
    Duration d = Duration.ofMillis(millis);
    if (d.toDays() > 0) {
      return d.toDays() + "d" + d.toHoursPart() + "h";
    }
    if (d.toHours() > 0) {
      return d.toHours() + "h" + d.toMinutesPart() + "m";
    }
    return d.toMinutes() > 0 ? d.toMinutes() + "m" + d.toSecondsPart() + "s" : d.toSeconds() + "s";
  }
}
