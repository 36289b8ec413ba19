package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.launcher.LaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mop record}. */
@Command(
    name = "record",
    description = {
      "Write what passes on the connections of processes into a file, which a test of a decoder plays again "
          + "(@ReplayTest).",
      "Every value is replaced by as many letters x, credentials too; of a connection in no protocol that MOP can mask "
          + "the lengths are written only. Processes are chosen as by \"mop trace\". Needs root, or CAP_BPF and "
          + "CAP_PERFMON.",
      "Exit code: CMD's, else 0."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sudo mop record -o curl.moprec -- curl http://127.0.0.1:8080/",
      "  sudo mop record --port 6379 -o redis.moprec --duration 30s --connections 3",
    })
public final class RecordCommand extends WatchCommand implements Shown {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      required = true,
      description = "The recording: a new file, which only its owner may read.")
  private Path file;

  @Option(names = "--raw", description = "Mask nothing: values and credentials are in the file.")
  private boolean raw;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Record the first so many connections. Default: 1000.")
  private int connections;

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      description = "Of the file; what does not fit is left out. Default: 64MiB.")
  private String maxSize;

  @Override
  String verb() {
    return "recorded";
  }

  @Override
  String gerund() {
    return "Recording";
  }

  @Override
  void check() throws CommandException {
    if (connections < 1 || connections > 1_000_000) {
      throw usage("--connections: expected 1 to 1000000, got " + connections + ".");
    }
    if (!maxSize.matches("[1-9][0-9]{0,8}(KiB|MiB|GiB)")) {
      throw usage("--max-size: expected a size such as 64MiB, got " + maxSize + ".");
    }
    Path absolute = file.toAbsolutePath();
    if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
      throw new CommandException(ExitCode.FAILURE, file + " exists, and is not overwritten.");
    }
    if (!Files.isDirectory(absolute.getParent())) {
      throw new CommandException(ExitCode.NOT_FOUND, "There is no directory " + absolute.getParent() + ".");
    }
    if (raw) {
      System.err.println("mop: Nothing is masked: " + file + " will hold values and credentials; keep it private.");
    }
  }

  @Override
  int watch(Watching watching) throws LaunchException, IOException, InterruptedException {
    return watching.with(this);
  }

  @Override
  public CompletableFuture<Void> enough() {
    return new CompletableFuture<>();
  }

  @Override
  public void drain() {}

  @Override
  public String summary(Books books, Selection selection) {
    return books.recorded(selection, file.toString());
  }

  @Override
  String config(String selection, String interval) {
    return """
        # Written by "mop record".
        receivers:
          ebpf:
            select: %s
            drain_interval: %s
            record: { file: %s, raw: %s, max_size: %s, connections: %d }
        exporters:
          debug: {}
        service:
          memory: 64MiB
          pipelines:
            traces: { receivers: [ebpf], exporters: [debug] }
        """
        .formatted(selection, interval, Selection.quoted(file.toAbsolutePath().toString()), raw, maxSize, connections);
  }
}
