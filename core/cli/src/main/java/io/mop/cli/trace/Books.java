package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ControlClient;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the MOP that traces says about itself.
 *
 * @param status as {@code mop status -o json} prints it
 */
record Books(JsonObject status) {
  private static final String RECEIVER = "receivers.ebpf";
  private static final List<String> LOST = List.of("kernel_reserve_failed", "kernel_no_state", "kernel_recursion");

  static Books ask(Path state) throws CommandException {
    String answer = ControlClient.ask(state, "mop:status -o json");
    try (JsonReader reader = Json.createReader(new StringReader(answer.lines().findFirst().orElse("{}")))) {
      return new Books(reader.readObject());
    }
  }

  /** Why nothing can be seen. */
  Optional<String> unhealthy() {
    return status.getJsonArray("components").getValuesAs(JsonObject.class).stream()
        .filter(c -> c.getString("path").equals(RECEIVER) && !c.getBoolean("healthy"))
        .map(c -> c.getString("reason"))
        .findFirst();
  }

  /** One line: what was seen, and what was not. */
  String summary(Selection selection, long shown) {
    long spans = counter("capture_exchanges_completed");
    List<String> parts = new ArrayList<>();
    parts.add(number(spans, "span") + (shown < spans ? " (" + shown + " shown)" : ""));
    parts.add(reasons("capture_exchanges_incomplete", "incomplete exchange"));
    parts.add(number(LOST.stream().mapToLong(this::counter).sum(), "lost record"));
    if (sum("capture_exchanges_discarded") > 0) parts.add(reasons("capture_exchanges_discarded", "discarded exchange"));
    long unread = counter("capture_connections_unclassified");
    if (unread > 0) parts.add(number(unread, "connection") + " in no protocol that MOP reads");
    long refused = counter("spans_refused") + counter("capture_sink_failures");
    if (refused > 0) parts.add(number(refused, "span") + " that the pipeline did not take");
    delivered().ifPresent(parts::add);
    String all = String.join(", ", parts) + ".";
    return counter("kernel_seen") > 0 ? all : all + nothing(selection);
  }

  /** One line: what is in a recording, and what is not. */
  String recorded(Selection selection, String file) {
    List<String> parts = new ArrayList<>();
    parts.add(number(counter("capture_recorded_connections"), "connection"));
    parts.add(number(counter("capture_recorded_bytes"), "byte"));
    long withheld = counter("capture_recorded_bytes_withheld");
    if (withheld > 0) parts.add(number(withheld, "byte") + " withheld as nothing could tell which of them are values");
    long out = counter("capture_records_left_out");
    if (out > 0) parts.add(number(out, "record") + " left out as the file was full");
    parts.add(number(LOST.stream().mapToLong(this::counter).sum(), "lost record"));
    String all = String.join(", ", parts) + " in " + file + ".";
    return counter("kernel_seen") > 0 ? all : all + nothing(selection);
  }

  private static String nothing(Selection selection) {
    return " Nothing was sent or received by " + selection + ".";
  }

  /** With {@code --otlp}: what became of the spans there. */
  private Optional<String> delivered() {
    return status.getJsonArray("flows").getValuesAs(JsonObject.class).stream()
        .filter(f -> f.getString("path").equals("exporters.otlp"))
        .map(f -> f.getJsonNumber("out").longValue() + " delivered by OTLP, "
            + (sum(f.getJsonObject("failed")) + sum(f.getJsonObject("refused")) + f.getJsonNumber("held").longValue())
            + " not")
        .findFirst();
  }

  private long counter(String name) {
    String key = RECEIVER + " " + name;
    JsonObject counters = status.getJsonObject("counters");
    return counters.containsKey(key) ? counters.getJsonNumber(key).longValue() : 0;
  }

  private static long sum(JsonObject numbers) {
    return numbers.keySet().stream().mapToLong(k -> numbers.getJsonNumber(k).longValue()).sum();
  }

  private long sum(String name) {
    return byReason(name).stream().mapToLong(this::counter).sum();
  }

  /** E.g. {@code 3 incomplete exchanges (stopped 2, left 1)}. */
  private String reasons(String name, String what) {
    List<String> each = new ArrayList<>();
    for (String key : byReason(name)) {
      each.add(key.substring(name.length() + 1, key.length() - 1) + " " + counter(key));
    }
    return number(sum(name), what) + (each.isEmpty() ? "" : " (" + String.join(", ", each) + ")");
  }

  /** The counters {@code name{reason}}. */
  private List<String> byReason(String name) {
    String prefix = RECEIVER + " ";
    return status.getJsonObject("counters").keySet().stream()
        .filter(k -> k.startsWith(prefix + name + "{"))
        .map(k -> k.substring(prefix.length()))
        .toList();
  }

  private static String number(long n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }
}
