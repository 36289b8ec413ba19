package io.mop.assemble;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "assemble",
    description = "Make mop-ROLE-ENVIRONMENT-VERSION.tar.gz, the same bytes every time, and SHA256SUMS beside them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./mop assemble                                all roles for all environments",
      "  ./mop assemble agent --env production -o dist",
    })
final class AssembleCommand implements Callable<Integer> {
  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ROLE",
      defaultValue = "all",
      description = "agent, gateway, all-in-one or all. Default: all.")
  private String role;

  @Option(
      names = "--env",
      paramLabel = "NAME",
      defaultValue = "all",
      description = "A file of features/environments/, or all. Default: all.")
  private String environment;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Default: distribution/target/dist.")
  private Path output;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() throws AssembleException, IOException {
    Home home = main.home();
    List<Role> roles = Role.named(role);
    List<Environment> environments = home.environments(environment);
    Instant time = home.time(main.env());
    Path directory = Files.createDirectories(output == null ? main.beside("dist") : output);
    for (Role one : roles) {
      for (Environment target : environments) {
        spec.commandLine().getOut().println(Distribution.write(home, one, target, time, directory));
      }
    }
    sums(directory);
    return 0;
  }

  /** Of all tars that are there, as {@code sha256sum -c} reads it. */
  private static void sums(Path directory) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.getFileName().toString().matches("mop-.*\\.tar\\.gz")).sorted().toList()) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        text.append(HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file))))
            .append("  ").append(file.getFileName()).append('\n');
      }
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    Files.writeString(directory.resolve("SHA256SUMS"), text);
  }
}
