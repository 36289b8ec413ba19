package io.mop.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "tap",
    description = {
      "Show a live, masked sample of the items at an edge of a running MOP's pipelines.",
      "An edge is after a receiver or processor, or before an exporter. Without EDGE they are listed. Ctrl-C ends it.",
      "Credentials, cookies, tokens, values of URL queries and SQL literals are masked, always.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop tap                                  which edges there are",
      "  mop tap receivers.otlp --match service=cart --limit 5",
      "  mop tap exporters.otlp/tempo --signal traces -o json | jq .attributes",
      "  mop tap --diff processors.attributes     what it changes and drops",
    })
final class TapCommand implements Callable<Integer> {
  private enum Output {
    TEXT,
    JSON
  }

  private enum SignalName {
    TRACES,
    METRICS,
    LOGS
  }

  @Mixin private RunningMop running;
  @Mixin private HelpOption help;

  @Parameters(paramLabel = "EDGE", arity = "0..1", description = "E.g. receivers.otlp. Absent: list them.")
  private String edge;

  @Option(
      names = "--diff",
      paramLabel = "PROCESSOR",
      description = "The same items before and after it: ~ changed, = not changed, - dropped, with the reason.")
  private String diff;

  @Option(names = "--signal", paramLabel = "traces|metrics|logs", description = "Only this one.")
  private SignalName signal;

  @Option(names = "--limit", paramLabel = "N", description = "End after so many items.")
  private Long limit;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      description = "Most items a second that are shown, 1 to 10000. Default: 10. More is left out, and said.")
  private String rate;

  @Option(
      names = "--match",
      paramLabel = "key=value",
      description = "Only items with this attribute (or service, name, kind, status, trace_id …); * is any text. All "
          + "of several must match. Compared with what is shown, so never with what is masked.")
  private List<String> matches = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text",
      description = "One line an item either way. Default: text.")
  private Output output;

  @Override
  public Integer call() throws CommandException {
    List<String> words = new ArrayList<>();
    if (edge != null) words.add(edge);
    add(words, "--diff", diff);
    add(words, "--signal", signal == null ? null : signal.name().toLowerCase(Locale.ROOT));
    add(words, "--limit", limit);
    add(words, "--rate", rate);
    for (String match : matches) add(words, "--match", match);
    add(words, "-o", output.name().toLowerCase(Locale.ROOT));
    return running.stream(GogoLine.of("mop:tap", words.toArray(String[]::new)));
  }

  private static void add(List<String> words, String option, Object value) {
    if (value == null) return;
    words.add(option);
    words.add(value.toString());
  }
}
