package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What {@code mop status -o json} prints. */
record Status(JsonObject json) {
  private static final Pattern CAPTURE_LOSS =
      Pattern.compile(
          "receivers\\.ebpf (records_failed|spans_refused|batches_again"
              + "|kernel_(reserve_failed|no_state|open_failed|close_failed|recursion|fault|guard|discarded)"
              + "|capture_(records_lost|records_invalid|records_reordered|bytes_lost|connections_evicted"
              + "|connections_unclassified|sink_failures|responses_unmatched)"
              + "|capture_(exchanges_incomplete|exchanges_discarded|decoder_failures|resyncs)\\{.*)");

  static Status parse(String text) {
    try (JsonReader reader = Json.createReader(new StringReader(text))) {
      return new Status(reader.readObject());
    }
  }

  String state() {
    return json.getString("state");
  }

  /** Which one runs. */
  JsonObject configuration() {
    return json.getJsonObject("configuration");
  }

  private List<JsonObject> list(String key) {
    return json.getJsonArray(key).getValuesAs(JsonObject.class);
  }

  JsonObject component(String path) {
    return list("components").stream()
        .filter(c -> c.getString("path").equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no component " + path + " in " + json));
  }

  /** Why components do not do their work, by their path. */
  Map<String, String> unhealthy() {
    Map<String, String> reasons = new TreeMap<>();
    for (JsonObject c : list("components")) {
      if (!c.getBoolean("healthy")) reasons.put(c.getString("path"), c.getString("reason"));
    }
    return reasons;
  }

  /** State of each installed version of a plugin by the version, e.g. {@code active}. */
  Map<String, String> versions(String kind, String name) {
    Map<String, String> states = new TreeMap<>();
    for (JsonObject p : list("plugins")) {
      if (p.getString("kind").equals(kind) && p.getString("name").equals(name)) {
        states.put(p.getString("version"), p.getString("state"));
      }
    }
    return states;
  }

  long calls(String kind, String name, String version) {
    return list("plugins").stream()
        .filter(p -> p.getString("kind").equals(kind) && p.getString("name").equals(name))
        .filter(p -> p.getString("version").equals(version))
        .mapToLong(p -> p.getJsonNumber("calls").longValue())
        .sum();
  }

  /** A number of the books of a component's traces; 0 if it has none yet. */
  long traces(String path, String key) {
    return flows(path).stream().mapToLong(f -> f.getJsonNumber(key).longValue()).sum();
  }

  private List<JsonObject> flows(String path) {
    return list("flows").stream()
        .filter(f -> f.getString("path").equals(path) && f.getString("signal").equals("traces"))
        .toList();
  }

  /** 0 if nothing has counted so yet. */
  long counter(String name) {
    JsonValue value = json.getJsonObject("counters").get(name);
    return value == null ? 0 : json.getJsonObject("counters").getJsonNumber(name).longValue();
  }

  /** All books balance, nothing was filtered, refused or failed, nothing is held; and capture has missed nothing. */
  void assertNothingLost() {
    assertThat(list("flows")).isNotEmpty();
    for (JsonObject flow : list("flows")) {
      assertThat(flow.getInt("difference")).as("difference of %s", flow).isZero();
      assertThat(flow.getInt("held")).as("held by %s", flow).isZero();
      for (String key : List.of("filtered", "refused", "failed")) {
        assertThat(flow.getJsonObject(key)).as("%s of %s", key, flow).isEmpty();
      }
    }
    json.getJsonObject("counters").keySet().stream()
        .filter(name -> CAPTURE_LOSS.matcher(name).matches())
        .forEach(name -> assertThat(counter(name)).as(name).isZero());
  }
}
