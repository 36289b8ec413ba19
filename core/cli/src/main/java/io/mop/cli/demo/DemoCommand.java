package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.cli.HelpOption;
import io.mop.cli.TimeConverter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mop demo}. */
@Command(
    name = "demo",
    description = {
      "Start a Java service with an OpenTelemetry SDK behind an unchanged nginx, and watch MOP see both: a live table.",
      "Without root there is no nginx, as MOP needs eBPF to see it."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sudo mop demo", "  mop demo --duration 10s", "  sudo mop demo --duration 2m --rate 500"})
public final class DemoCommand implements Callable<Integer> {
  @Mixin private HelpOption help;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "30s",
      converter = TimeConverter.class,
      description = "How long requests are made, e.g. 30s or 5m; Ctrl-C ends it early. Default: 30s.")
  private Duration duration;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "150",
      description = "Requests per second, 1 to 2000. Default: 150.")
  private int rate;

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    if (rate < 1 || rate > 2000) {
      throw new CommandException(ExitCode.USAGE, "--rate: expected 1 to 2000, got " + rate + ".");
    }
    Path home = Path.of(System.getProperty("mop.home"));
    return new Demo(home, duration, rate, System.out, System.err).run();
  }
}
