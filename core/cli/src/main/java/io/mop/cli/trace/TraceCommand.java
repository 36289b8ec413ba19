package io.mop.cli.trace;

import io.mop.cli.Terminal;
import io.mop.launcher.LaunchException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
public final class TraceCommand extends WatchCommand {
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

  @Override
  String verb() {
    return "traced";
  }

  @Override
  String gerund() {
    return "Tracing";
  }

  @Override
  void check() {
    if (count != null && count < 1) throw usage("--count: expected 1 or more, got " + count + ".");
  }

  /** Spans come by standard output, which only one MOP in this process writes to. */
  @Override
  int watch(Watching watching) throws LaunchException, IOException, InterruptedException {
    SpanLines spans = new SpanLines(new FileOutputStream(FileDescriptor.out), count == null ? Long.MAX_VALUE : count);
    PrintStream stdout = System.out;
    System.setOut(new PrintStream(spans, false, StandardCharsets.UTF_8));
    try {
      return watching.with(spans);
    } finally {
      System.setOut(stdout);
    }
  }

  @Override
  String config(String selection, String interval) {
    String attributes = output == Output.JSON ? JSON_ATTRIBUTES : ATTRIBUTES;
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
            selection, interval, output.name().toLowerCase(Locale.ROOT), Terminal.isColored(), attributes,
            sender, otlp == null ? "" : ", otlp");
  }
}
