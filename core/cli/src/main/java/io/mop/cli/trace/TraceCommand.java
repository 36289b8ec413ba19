package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.cli.Privilege;
import io.mop.cli.Terminal;
import io.mop.cli.TimeConverter;
import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mop trace}. */
@Command(
    name = "trace",
    description = {
      "Show what processes do, a line a request or call, as it happens: they are neither changed nor restarted.",
      "Of running processes, also on connections that are open already, or of CMD, which runs as the user who calls "
          + "sudo. Needs root, or CAP_BPF and CAP_PERFMON. Data is masked as everywhere in MOP.",
      "Exit code: CMD's, else 0."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sudo mop trace -- curl http://127.0.0.1:8080/",
      "  sudo mop trace --pid 4711",
      "  sudo mop trace --port 8080 --port 6379 --duration 30s",
      "  sudo mop trace --exe '*/nginx' -o json | jq .name",
      "  sudo mop trace --port 8080 --otlp http://127.0.0.1:4318",
    })
public final class TraceCommand implements Callable<Integer> {
  private enum Output {
    TEXT,
    JSON
  }

  private static final String ATTRIBUTES =
      "http.request.method, http.route, url.path, http.response.status_code, db.system.name, db.namespace,"
          + " db.operation.name, db.collection.name, db.query.text, db.response.status_code, messaging.system,"
          + " messaging.operation.name, messaging.destination.name, rpc.system, rpc.service, rpc.method,"
          + " mop.connection.reason";

  /** Text has it in the name, as the peer or as the error. */
  private static final String JSON_ATTRIBUTES =
      ATTRIBUTES + ", error.type, server.address, server.port, network.peer.address, network.peer.port, service.name";

  /** Who a process is can be told while it lives, and a command may live for milliseconds. */
  private static final String SHORT_LIVED = "1ms";

  @Spec private CommandSpec spec;

  @Option(names = "--pid", paramLabel = "P", description = "A process and its children. May be repeated.")
  private List<Integer> pids = new ArrayList<>();

  @Option(names = "--port", paramLabel = "N", description = "What listens on this TCP port. May be repeated.")
  private List<Integer> ports = new ArrayList<>();

  @Option(
      names = "--exe",
      paramLabel = "GLOB",
      description = "Processes whose program's path matches, e.g. '*/nginx'. May be repeated.")
  private List<String> exes = new ArrayList<>();

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "End after this time, e.g. 30s or 5m.")
  private Duration duration;

  @Option(names = "--count", paramLabel = "N", description = "End after so many spans.")
  private Long count;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text",
      description = "A line or a JSON object a span. Default: text.")
  private Output output;

  @Option(
      names = "--otlp",
      paramLabel = "ENDPOINT",
      description = "Send the spans on as well: http://HOST:PORT for OTLP over HTTP, HOST:PORT for gRPC over TLS.")
  private String otlp;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Parameters(
      paramLabel = "CMD",
      arity = "0..*",
      description = "After --: is started when it is watched; what it starts is seen too.")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws CommandException, LaunchException, IOException, InterruptedException {
    Selection selection = new Selection(pids, ports, exes, OptionalLong.empty());
    if (selection.empty() && command.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "What is to be traced? Expected --pid, --port, --exe or, after --, a command.");
    }
    if (count != null && count < 1) {
      throw new ParameterException(spec.commandLine(), "--count: expected 1 or more, got " + count + ".");
    }
    selection.check();
    if (!Privilege.canLoadBpf()) {
      throw new CommandException(
          ExitCode.DENIED,
          "Tracing loads eBPF programs, for which this process lacks CAP_BPF and CAP_PERFMON: run it as root, \"sudo"
              + " mop trace ...\"" + (command.isEmpty() ? "." : "; CMD runs as you all the same."));
    }
    if (!(ports.isEmpty() && exes.isEmpty()) && !Privilege.canFindProcesses()) {
      System.err.println("mop: By --port and --exe only processes of this user are found: CAP_SYS_PTRACE and"
          + " CAP_DAC_READ_SEARCH are not in effect.");
    }
    Path directory = Files.createTempDirectory("mop-trace-");
    try {
      return trace(directory);
    } finally {
      for (String file : List.of("gate", "mop.yaml", "")) Files.deleteIfExists(directory.resolve(file));
    }
  }

  private int trace(Path directory) throws CommandException, LaunchException, IOException, InterruptedException {
    if (command.isEmpty()) return trace(directory, Optional.empty());
    Invoker invoker = Invoker.of(System.getenv(), Privilege.isRoot());
    try (HeldCommand held = HeldCommand.start(command, invoker, directory)) {
      return trace(directory, Optional.of(held));
    }
  }

  private int trace(Path directory, Optional<HeldCommand> held)
      throws LaunchException, IOException, InterruptedException {
    OptionalLong pid = held.map(h -> OptionalLong.of(h.pid())).orElse(OptionalLong.empty());
    Selection selection = new Selection(pids, ports, exes, pid);
    SpanLines spans = new SpanLines(new FileOutputStream(FileDescriptor.out), count == null ? Long.MAX_VALUE : count);
    Trace trace = new Trace(selection, held, Optional.ofNullable(duration), spans, System.err);
    Path config = Files.writeString(directory.resolve("mop.yaml"), config(selection));
    PrintStream stdout = System.out;
    System.setOut(new PrintStream(spans, false, StandardCharsets.UTF_8));
    Logs logs = Logs.beside(Logs.Format.TEXT, Level.WARNING);
    try {
      return Launcher.launch(launch(config), trace.stop(), trace);
    } finally {
      logs.close();
      System.setOut(stdout);
    }
  }

  /** A MOP of its own, with what is installed, in a state directory that lives as long as it does. */
  private static Launch launch(Path config) {
    Map<String, String> env = System.getenv();
    String trust = env.getOrDefault("MOP_TRUST", "warn");
    Map<String, String> properties =
        Map.of("mop.telemetry", "off", "mop.watch", "false", "mop.plugins.trust", trust);
    Path home = Path.of(System.getProperty("mop.home"));
    String feature = env.getOrDefault("MOP_FEATURE", "all-in-one");
    return new Launch("run", home, feature, config, Optional.empty(), properties, true);
  }

  private String config(Selection selection) {
    String attributes = output == Output.JSON ? JSON_ATTRIBUTES : ATTRIBUTES;
    String interval = selection.command().isPresent() ? SHORT_LIVED : "50ms";
    String sender = otlp == null ? "" : "\n  otlp: { endpoint: " + Selection.quoted(otlp) + " }";
    return """
        # Written by "mop trace".
        receivers:
          ebpf: { select: %s, drain_interval: %s }
        exporters:
          debug: { output: %s, color: %s, attributes: [ %s ] }%s
        service:
          memory: 64MiB
          pipelines:
            traces: { receivers: [ebpf], exporters: [debug%s] }
        """
        .formatted(
            selection.rules(), interval, output.name().toLowerCase(Locale.ROOT), Terminal.isColored(), attributes,
            sender, otlp == null ? "" : ", otlp");
  }
}
