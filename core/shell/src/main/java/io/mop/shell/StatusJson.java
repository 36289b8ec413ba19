package io.mop.shell;

import io.mop.control.Reloader;
import io.mop.control.Status;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A status for programs: the names of {@link Status} in snake case, times as ISO 8601, null for never. */
final class StatusJson {
  private StatusJson() {}

  static String of(Status status, Optional<Reloader.Applied> configuration) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("state", status.state());
    json.put("uptime_millis", status.uptimeMillis());
    json.put("memory_used", status.memoryUsed());
    json.put("memory_limit", status.memoryLimit());
    configuration.ifPresent(c -> json.put("configuration", configuration(c)));
    json.put("components", status.components().stream().map(StatusJson::component).toList());
    json.put("plugins", status.plugins().stream().map(StatusJson::plugin).toList());
    json.put("flows", status.flows().stream().map(StatusJson::flow).toList());
    json.put("counters", new TreeMap<>(status.counters()));
    return Json.of(json);
  }

  private static Map<String, Object> configuration(Reloader.Applied applied) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", applied.file());
    json.put("hash", shortHash(applied));
    json.put("since", StatusTable.since(applied.since()));
    applied.rejected().ifPresent(r -> {
      Map<String, Object> rejected = new LinkedHashMap<>();
      rejected.put("at", StatusTable.since(r.at()));
      rejected.put("problems", r.problems());
      json.put("rejected", rejected);
    });
    return json;
  }

  /** Enough of it to tell configurations apart. */
  static String shortHash(Reloader.Applied applied) {
    return applied.hash().substring(0, Math.min(12, applied.hash().length()));
  }

  private static Map<String, Object> component(Status.Component c) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", c.path());
    json.put("plugin", c.plugin());
    json.put("version", c.version());
    json.put("healthy", c.healthy());
    json.put("reason", c.reason());
    json.put("since", c.since() == 0 ? null : StatusTable.since(c.since()));
    return json;
  }

  /** The one form of a plugin, in the status and in the list of plugins. */
  static Map<String, Object> plugin(Status.Plugin p) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", p.kind());
    json.put("name", p.name());
    json.put("version", p.version());
    json.put("bundle", p.bundle());
    json.put("bundle_id", p.bundleId());
    json.put("state", p.state());
    json.put("reason", p.reason());
    json.put("calls", p.calls());
    json.put("cpu_nanos", p.cpuNanos());
    json.put("allocated_bytes", p.allocatedBytes());
    json.put("errors", p.errors());
    return json;
  }

  private static Map<String, Object> flow(Status.Flow f) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("path", f.path());
    json.put("signal", f.signal().name().toLowerCase(Locale.ROOT));
    json.put("in", f.in());
    json.put("created", f.created());
    json.put("out", f.out());
    json.put("sampled_out", f.sampledOut());
    json.put("filtered", new TreeMap<>(f.filtered()));
    json.put("refused", new TreeMap<>(f.refused()));
    json.put("failed", new TreeMap<>(f.failed()));
    json.put("held", f.held());
    json.put("difference", f.difference());
    return json;
  }
}
