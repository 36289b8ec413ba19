package io.mop.cli;

import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "run",
    description = {
      "Run MOP until SIGTERM or Ctrl-C; both deliver what is held, a second one does not wait.",
      "When the configuration file changes, or at SIGHUP, MOP changes over to it.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop run --config mop.yaml",
      "  MOP_CONFIG=mop.yaml MOP_STATE=/srv/mop mop run --log-format json",
    })
final class RunCommand implements Callable<Integer> {
  @ParentCommand private Mop mop;
  @Mixin private Setting setting;
  @Mixin private HelpOption help;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      defaultValue = "${env:MOP_PLUGINS}",
      description = "Plugins dropped in here are loaded while MOP runs. Default: MOP_PLUGINS, else plugins/ of MOP.")
  private Path plugins;

  @Option(
      names = "--trust",
      paramLabel = "off|warn|require",
      defaultValue = "${env:MOP_TRUST:-warn}",
      description = "What becomes of a plugin that is neither signed nor in trusted.sha256. Default: MOP_TRUST, else "
          + "warn.")
  private String trust;

  @Option(
      names = "--no-watch",
      description = "Do not take the configuration file up when it changes: only \"mop reload\" and SIGHUP do.")
  private boolean noWatch;

  @Option(
      names = "--telemetry",
      paramLabel = "HOST:PORT|off",
      defaultValue = "${env:MOP_TELEMETRY:-127.0.0.1:13133}",
      description = "Where /metrics, /healthz and /readyz are. Default: MOP_TELEMETRY, else 127.0.0.1:13133.")
  private String telemetry;

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      defaultValue = "${env:MOP_LOG_FORMAT:-text}",
      description = "Of the log on standard error, a line a record. Default: MOP_LOG_FORMAT, else text.")
  private Logs.Format logFormat;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "${env:MOP_LOG_LEVEL:-info}",
      description = "error, warning, info, debug or trace. Default: MOP_LOG_LEVEL, else info. \"mop log-level\" "
          + "changes it in a running MOP.")
  private Level logLevel;

  /** Where plugins are dropped in, and what proof of origin they need. */
  private Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    if (plugins != null) properties.put("mop.plugins", plugins.toAbsolutePath().toString());
    properties.put("mop.plugins.trust", trust);
    if (noWatch) properties.put("mop.watch", "false");
    properties.put("mop.telemetry", telemetry);
    return properties;
  }

  private void checkTelemetry() throws CommandException {
    boolean address = telemetry.matches(".+:\\d{1,5}") && Integer.parseInt(telemetry.replaceAll(".*:", "")) < 65536;
    if (!address && !telemetry.equals("off")) {
      throw new CommandException(
          ExitCode.USAGE,
          "--telemetry (MOP_TELEMETRY) is " + telemetry + ": expected HOST:PORT, such as 0.0.0.0:13133, or off.");
    }
  }

  @Override
  public Integer call() throws CommandException, InterruptedException {
    checkTelemetry();
    Launch launch = Launch.run(
        mop.home(), setting.feature, mop.config(setting.config, setting.feature), mop.state(setting.state),
        properties());
    Logs logs = Logs.install(logFormat, logLevel);
    try {
      return Launcher.launch(launch);
    } catch (LaunchException e) {
      System.getLogger("io.mop.launcher").log(Level.ERROR, e.getMessage());
      return e.exitCode();
    } finally {
      logs.close();
    }
  }
}
