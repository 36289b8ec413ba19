package io.mop.shell;

import io.mop.control.Status;
import io.mop.deploy.Deployer;
import io.mop.deploy.Installation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The installed plugins and the files of the plugins directory.
 *
 * @param problem one sentence if the plugins directory is not in use or not usable, else empty
 */
record PluginList(List<Row> plugins, List<Installation> files, Optional<String> problem) {

  /** @param file it came from; empty for a plugin that is part of MOP */
  record Row(Status.Plugin plugin, Capabilities capabilities, Optional<Installation> file) {
    private String perCall() {
      return plugin.calls() == 0
          ? "-"
          : String.format(Locale.ROOT, "%.2f", plugin.cpuNanos() / 1e3 / plugin.calls());
    }
  }

  static PluginList of(Status status, Optional<Deployer> deployer, BundleContext context) {
    List<Installation> files = deployer.map(Deployer::records).orElse(List.of());
    List<Row> rows = new ArrayList<>();
    for (Status.Plugin plugin : status.plugins()) {
      Bundle bundle = context.getBundle(plugin.bundleId());
      Optional<Installation> file =
          bundle == null
              ? Optional.empty()
              : files.stream()
                  .filter(f -> cameFrom(bundle, f))
                  // Of two files with the same content the deployer names the plugins at the one it took.
                  .max(Comparator.comparing(f -> !f.plugins().isEmpty()));
      rows.add(new Row(plugin, Capabilities.of(bundle), file));
    }
    Optional<String> problem =
        deployer.isPresent() ? deployer.get().problem() : Optional.of(PluginsCommand.NO_DEPLOYER);
    return new PluginList(rows, files, problem);
  }

  /** The version alone would not tell builds of one version apart; the deployer's locations end with the digest. */
  private static boolean cameFrom(Bundle bundle, Installation file) {
    return !file.sha256().isEmpty() && bundle.getLocation().endsWith("#" + file.sha256());
  }

  String table() {
    StringBuilder b = new StringBuilder();
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "KIND", "NAME", "VERSION", "BUNDLE", "STATE", "FILE", "CAPABILITIES", "CALLS", "CPU ms", "CPU µs/CALL",
            "ALLOCATED", "ERRORS", "REASON"));
    for (Row row : plugins) {
      Status.Plugin p = row.plugin();
      rows.add(
          List.of(
              p.kind(),
              p.name(),
              p.version(),
              p.bundle(),
              p.state(),
              row.file().map(f -> Table.cell(f.file())).orElse("-"),
              Table.cell(row.capabilities().text()),
              Long.toString(p.calls()),
              String.format(Locale.ROOT, "%.1f", p.cpuNanos() / 1e6),
              row.perCall(),
              Table.size(p.allocatedBytes()),
              Long.toString(p.errors()),
              Table.cell(p.reason())));
    }
    b.append(Table.of(rows, 7, 5));
    if (!files.isEmpty()) {
      b.append('\n').append(fileTable());
    }
    problem.ifPresent(p -> b.append("\nPlugins directory: ").append(Table.cell(p)).append('\n'));
    return b.toString();
  }

  private String fileTable() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("FILE", "BUNDLE", "VERSION", "STATE", "SINCE", "TRUST", "REASON"));
    for (Installation f : files) {
      rows.add(
          List.of(
              Table.cell(f.file()),
              f.name().isEmpty() ? "-" : f.name(),
              f.version().isEmpty() ? "-" : f.version(),
              state(f),
              StatusTable.since(f.since().toEpochMilli()),
              f.trust().isEmpty() ? "-" : Table.cell(f.trust()),
              Table.cell(f.reason())));
    }
    return Table.of(rows, 7, 0);
  }

  /** On one line; what a plugin that is part of MOP does not have is null. */
  String json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("plugins", plugins.stream().map(PluginList::json).toList());
    json.put("files", files.stream().map(PluginList::json).toList());
    json.put("problem", problem.orElse(null));
    return Json.of(json);
  }

  private static Map<String, Object> json(Row row) {
    Map<String, Object> json = StatusJson.plugin(row.plugin());
    json.put("file", row.file().map(Installation::file).orElse(null));
    json.put("trust", row.file().map(Installation::trust).orElse(null));
    json.put("provides", row.capabilities().provided());
    json.put("requires", row.capabilities().required());
    return json;
  }

  private static Map<String, Object> json(Installation f) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("file", f.file());
    json.put("bundle", f.name());
    json.put("version", f.version());
    json.put("sha256", f.sha256());
    json.put("plugins", f.plugins());
    json.put("state", state(f));
    json.put("since", StatusTable.since(f.since().toEpochMilli()));
    json.put("trust", f.trust());
    json.put("reason", f.reason());
    return json;
  }

  private static String state(Installation f) {
    return f.state().name().toLowerCase(Locale.ROOT);
  }
}
