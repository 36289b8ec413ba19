package io.mop.shell;

import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.deploy.Deployer;
import io.mop.deploy.Installation;
import io.mop.deploy.Refusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code mop:plugins}: what is installed, and the deployer's commands. There also without a deployer, to say so. */
@Component(
    service = PluginsCommand.class,
    property = {"osgi.command.scope=mop", "osgi.command.function=plugins"})
public final class PluginsCommand {
  static final String NO_DEPLOYER = "There is no deployer: no bundle offers io.mop.deploy.Deployer.";
  private static final String USAGE =
      "expected mop:plugins [-o table|json], or one of replace JAR [--discard-state], rollback NAME, remove NAME,"
          + " why JAR|NAME.";
  private static final int MANIFEST_LIMIT = 4 << 20;

  private final BundleContext context;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Control control;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Deployer deployer;

  @Activate
  public PluginsCommand(BundleContext context) {
    this.context = context;
  }

  @Descriptor("lists plugins, replaces one, goes back to the one before, removes one, or says why one is not used")
  public String plugins(
      @Descriptor("[-o table|json] | replace JAR [--discard-state] | rollback NAME | remove NAME | why JAR|NAME")
          String... args)
      throws Refusal {
    List<String> words = new ArrayList<>(List.of(args));
    boolean discard = words.size() > 1 && words.get(0).equals("replace") && words.remove("--discard-state");
    String verb = words.isEmpty() ? "" : words.get(0);
    if (verb.isEmpty() || verb.equals("-o") || verb.equals("--output")) {
      if (words.size() != 0 && words.size() != 2) throw usage();
      return list(words.isEmpty() ? "table" : words.get(1));
    }
    if (words.size() != 2 || words.get(1).isEmpty()) throw usage();
    String name = words.get(1);
    return switch (verb) {
      case "replace" -> replace(absolute(name), discard);
      case "rollback" -> text(deployer().rollback(known(name))) + "\n";
      case "remove" -> text(deployer().remove(known(name))) + "\n";
      case "why" -> why(name) + "\n";
      default -> throw usage();
    };
  }

  private static IllegalArgumentException usage() {
    return new IllegalArgumentException(USAGE);
  }

  private Control control() {
    Control there = control;
    if (there == null) throw new IllegalStateException(StatusCommand.NO_ENGINE);
    return there;
  }

  private Deployer deployer() {
    Deployer there = deployer;
    if (there == null) throw new IllegalStateException(NO_DEPLOYER);
    return there;
  }

  private String list(String output) {
    if (!output.equals("table") && !output.equals("json")) {
      throw new IllegalArgumentException("Output \"" + output + "\" is unknown: expected table or json.");
    }
    PluginList list = PluginList.of(control().status(), Optional.ofNullable(deployer), context);
    return output.equals("table") ? list.table() : list.json() + "\n";
  }

  // ---- commands

  /**
   * This process has a working directory of its own, so a relative path would name another file than the user means.
   */
  private static Path absolute(String jar) {
    Path path = Path.of(jar);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("JAR \"" + jar + "\" is relative, expected a path that begins with /.");
    }
    if (!Files.exists(path)) {
      throw new NotFoundException("There is no file " + jar + " that MOP can see.");
    }
    return path;
  }

  private String replace(Path jar, boolean discard) throws Refusal {
    Deployer there = deployer();
    List<String> discarded = discard ? discardState(jar) : List.of();
    Installation now;
    try {
      now = there.replace(jar);
    } catch (Refusal e) {
      throw new Refusal(e.getMessage() + pending(discarded));
    }
    if (now.state() != Installation.State.ACTIVE) throw new Refusal(text(now) + pending(discarded));
    StringBuilder b = new StringBuilder(text(now)).append('\n');
    if (discard) {
      b.append(
          discarded.isEmpty()
              ? "No component uses a plugin of " + now.name() + ": no state was discarded."
              : "Without the state of " + String.join(", ", discarded) + ".");
      b.append('\n');
    }
    return b.toString();
  }

  private static String pending(List<String> discarded) {
    return discarded.isEmpty() ? "" : "; the next swap still discards the state of " + String.join(", ", discarded);
  }

  /** Paths of the components that use a plugin of the bundle in {@code jar}. */
  private List<String> discardState(Path jar) {
    Optional<String> bundle = symbolicName(jar);
    if (bundle.isEmpty()) return List.of();
    Control engine = control();
    Status status = engine.status();
    List<String> paths =
        status.components().stream()
            .filter(c -> status.plugins().stream().anyMatch(p -> p.bundle().equals(bundle.get()) && uses(c, p)))
            .map(Status.Component::path)
            .toList();
    paths.forEach(engine::discardState);
    return paths;
  }

  private static boolean uses(Status.Component component, Status.Plugin plugin) {
    return component.plugin().equals(plugin.name()) && component.path().startsWith(plugin.kind() + "s.");
  }

  /** Empty if there is none to be read: the deployer then says what is wrong. */
  private static Optional<String> symbolicName(Path jar) {
    try (JarFile opened = new JarFile(jar.toFile(), false)) {
      ZipEntry entry = opened.getEntry(JarFile.MANIFEST_NAME);
      if (entry == null) return Optional.empty();
      try (InputStream in = opened.getInputStream(entry)) {
        Manifest manifest = new Manifest(new ByteArrayInputStream(in.readNBytes(MANIFEST_LIMIT)));
        return Optional.ofNullable(manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME))
            .map(name -> name.split(";")[0].strip());
      }
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private String why(String jarOrName) {
    if (jarOrName.startsWith("/")) return deployer().why(absolute(jarOrName));
    List<String> lines =
        new ArrayList<>(
            deployer().records().stream().filter(f -> stands(jarOrName, f)).map(PluginsCommand::text).toList());
    PluginList list = PluginList.of(control().status(), Optional.of(deployer()), context);
    for (PluginList.Row row : list.plugins()) {
      Status.Plugin p = row.plugin();
      if (row.file().isEmpty() && stands(jarOrName, p)) {
        lines.add(
            p.bundle() + " " + p.version() + ", a part of MOP, is " + p.state() + ": " + path(p)
                + (p.reason().isEmpty() ? "" : "; " + p.reason()));
      }
    }
    if (lines.isEmpty()) throw nothing(jarOrName);
    return String.join("\n", lines);
  }

  // ---- names

  /** @return {@code name}, if the plugins directory has it */
  private String known(String name) {
    if (deployer().records().stream().anyMatch(f -> stands(name, f))) return name;
    Optional<Status.Plugin> part = control().status().plugins().stream().filter(p -> stands(name, p)).findFirst();
    if (part.isEmpty()) throw nothing(name);
    throw new NotFoundException(
        path(part.get()) + " of " + part.get().bundle()
            + " is a part of MOP: it did not come from the plugins directory.");
  }

  private NotFoundException nothing(String name) {
    String names =
        deployer().records().stream()
            .map(f -> f.name().isEmpty() ? f.file() : f.name())
            .distinct()
            .collect(Collectors.joining(", "));
    return new NotFoundException(
        "There is no plugin \"" + name + "\""
            + (names.isEmpty() ? "; the plugins directory is empty." : "; the plugins directory has " + names + "."));
  }

  /** As the deployer takes names: a symbolic name, a file, or a plugin such as {@code rename}. */
  private static boolean stands(String name, Installation file) {
    return file.name().equals(name)
        || file.file().equals(name)
        || file.plugins().stream().anyMatch(p -> p.equals(name) || p.endsWith("." + name));
  }

  private static boolean stands(String name, Status.Plugin plugin) {
    return plugin.bundle().equals(name) || plugin.name().equals(name) || path(plugin).equals(name);
  }

  private static String path(Status.Plugin plugin) {
    return plugin.kind() + "s." + plugin.name();
  }

  /** E.g. {@code acme.jar (io.acme 1.1.0) is active: processors.acme; listed in trusted.sha256}. */
  private static String text(Installation f) {
    // The sentence of a refusal names the file itself.
    if (f.state() == Installation.State.REFUSED) return f.reason();
    List<String> more = new ArrayList<>();
    if (!f.plugins().isEmpty()) more.add(String.join(", ", f.plugins()));
    if (!f.reason().isEmpty()) more.add(f.reason());
    if (!f.trust().isEmpty()) more.add(f.trust());
    return f.file()
        + (f.name().isEmpty() ? "" : " (" + f.name() + " " + f.version() + ")")
        + " is " + f.state().name().toLowerCase(Locale.ROOT)
        + (more.isEmpty() ? "" : ": " + String.join("; ", more));
  }
}
