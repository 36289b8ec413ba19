package io.mop.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of commands that start a MOP or look whether it could: how it is configured, where its state is, of what. */
final class Setting {
  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Default: MOP_CONFIG, /etc/mop/mop.yaml if it is there, else the feature's own.")
  Path config;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Default: MOP_STATE, /var/lib/mop for root, else ~/.local/state/mop.")
  Path state;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      defaultValue = "${env:MOP_FEATURE:-all-in-one}",
      description = "What MOP consists of: a file in features/. Default: MOP_FEATURE, else all-in-one.")
  String feature;
}
