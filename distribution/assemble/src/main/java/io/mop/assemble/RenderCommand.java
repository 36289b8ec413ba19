package io.mop.assemble;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "render",
    description = "Write Kubernetes descriptors: 00-namespace.yaml, agent.yaml (a DaemonSet) and gateway.yaml (a "
        + "StatefulSet). Nothing is applied.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  ./mop render --env dev -o k8s",
      "  ./mop render gateway --env production --image gateway=example.com/mop-gateway:0.1.0 -o k8s",
      "  kubectl apply -f k8s",
    })
final class RenderCommand implements Callable<Integer> {
  /** A name with a tag or a digest; the name may have a registry with a port. */
  private static final Pattern IMAGE =
      Pattern.compile(
          "[a-z0-9][\\w.-]*(:\\d+)?(/[a-z0-9][\\w.-]*)*(:[\\w][\\w.-]{0,127}|(:[\\w.-]+)?@sha256:[0-9a-f]{64})");

  @ParentCommand private Main main;
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ROLE",
      defaultValue = "all",
      description = "agent, gateway or all. Default: all.")
  private String role;

  @Option(
      names = "--env",
      paramLabel = "NAME",
      required = true,
      description = "A file of features/environments/.")
  private String environment;

  @Option(
      names = "--image",
      paramLabel = "ROLE=REFERENCE",
      description = "Image of a role, by version or digest, with the tar's content in /opt/mop. Needed where the "
          + "environment names none.")
  private Map<String, String> images = new LinkedHashMap<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Default: distribution/target/k8s/NAME.")
  private Path output;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() throws AssembleException, IOException {
    Home home = main.home();
    Environment target = home.environment(environment);
    List<Role> roles = role.equals("all") ? List.of(Role.AGENT, Role.GATEWAY) : Role.named(role);
    if (roles.contains(Role.ALL_IN_ONE)) {
      throw new AssembleException(
          AssembleException.USAGE, "all-in-one is for one machine; expected agent, gateway or all.");
    }
    Map<Role, Descriptors> descriptors = new LinkedHashMap<>();
    for (Role one : roles) {
      String version = Home.version(home.feature(one));
      descriptors.put(
          one,
          new Descriptors(
              one, target, home.needs(one), version, image(one, target, version), home.configuration(one, target)));
    }
    for (String named : images.keySet()) {
      if (roles.stream().noneMatch(one -> one.id().equals(named))) {
        throw new AssembleException(AssembleException.USAGE, "--image " + named + "=…: " + named + " is not rendered.");
      }
    }
    Path directory = Files.createDirectories(output == null ? main.beside("k8s").resolve(target.name()) : output);
    boolean privileged = descriptors.values().stream().anyMatch(Descriptors::privileged);
    write(directory.resolve("00-namespace.yaml"), List.of(Descriptors.namespace(target, privileged)));
    for (Map.Entry<Role, Descriptors> one : descriptors.entrySet()) {
      write(directory.resolve(one.getKey().id() + ".yaml"), one.getValue().all());
    }
    return 0;
  }

  private String image(Role one, Environment target, String version) throws AssembleException {
    String image = images.get(one.id());
    if (image == null) {
      image = target.image().map(i -> i.replace("${role}", one.id()).replace("${version}", version)).orElse(null);
    }
    if (image == null) {
      throw new AssembleException(
          AssembleException.USAGE,
          "--image " + one.id() + "=REFERENCE is missing: " + target.name() + " names no image.");
    }
    if (!IMAGE.matcher(image).matches() || image.endsWith(":latest") || image.contains(":latest@")) {
      throw new AssembleException(
          AssembleException.USAGE,
          "--image: \"" + image + "\", expected name:version (not latest) or name@sha256:digest.");
    }
    return image;
  }

  private void write(Path file, List<Map<String, Object>> objects) throws IOException {
    Files.writeString(file, Fields.yaml(objects));
    spec.commandLine().getOut().println(file);
  }
}
