package io.mop.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", description = "Print the versions of MOP, Java and the system.")
final class VersionCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private HelpOption help;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    out.println("mop " + (version == null ? "(not from a distribution)" : version));
    out.println("java " + Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    out.println(
        System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch"));
    out.flush();
  }
}
