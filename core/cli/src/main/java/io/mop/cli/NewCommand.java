package io.mop.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.lang.model.SourceVersion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "new",
    description = {
      "Make a plugin to start from: a folder that builds with \"mvn verify\" against sdk/ of this MOP, with a test.",
      "NAME is its key in mop.yaml: lower-case letters, digits and _.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop new processor set_region",
      "  mop new probe memcached -o plugins/memcached --package org.acme.memcached",
    })
final class NewCommand implements Callable<Integer> {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");
  /** The only template that is no text. */
  private static final String RECORDING = "recorded.moprec";
  private static final Pattern VERSION = Pattern.compile("<version>([^<]+)</version>");

  /** What can be made. */
  enum Kind {
    PROCESSOR("processors"),
    PROBE("protocols", "LineProtocol.java", "LineDecoder.java"),
    EXPORTER("exporters", "JsonLines.java"),
    RECEIVER("receivers", "LinesReceiver.java", "OtlpLogs.java");

    final String section;
    final List<String> sources;

    Kind(String section, String... sources) {
      this.section = section;
      this.sources = List.of(sources);
    }

    List<String> fixtures() {
      return switch (this) {
        case PROCESSOR -> List.of("items.csv");
        case PROBE -> List.of("conversation.txt", RECORDING, "recorded.yaml");
        case EXPORTER -> List.of("lines.json");
        case RECEIVER -> List.of("app.log");
      };
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @ParentCommand private Mop mop;
  @Spec private CommandSpec spec;
  @Mixin private HelpOption help;

  @Parameters(index = "0", paramLabel = "processor|probe|exporter|receiver", description = "What it makes.")
  private Kind kind;

  @Parameters(index = "1", paramLabel = "NAME", description = "As in mop.yaml, e.g. set_region.")
  private String name;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "The folder, which must not exist. Default: NAME here.")
  private Path output;

  @Option(
      names = "--package",
      paramLabel = "PACKAGE",
      description = "Of the Java classes, and the Maven group. Default: com.example.NAME.")
  private String javaPackage;

  @Override
  public Integer call() throws CommandException, IOException {
    if (!NAME.matcher(name).matches()) {
      throw new CommandException(ExitCode.USAGE, "NAME is \"" + name
          + "\", expected at most 40 lower-case letters, digits and _, beginning with a letter, e.g. set_region.");
    }
    String group = javaPackage == null ? "com.example." + name : javaPackage;
    checkPackage(group);
    Path sdk = mop.home().resolve("sdk");
    Path parent = sdk.resolve("plugin-parent.xml");
    if (!Files.isRegularFile(parent)) {
      throw new CommandException(ExitCode.NOT_FOUND, "There is no SDK: no file " + parent + ".");
    }
    Path folder = output == null ? Path.of(name) : output;
    String artifact = name.replace('_', '-');
    write(folder, Files.readString(parent), Map.of(
        "name", name,
        "Class", className(),
        "package", group,
        "artifact", artifact,
        "version", version(parent),
        "sdk", sdk.toAbsolutePath().toString(),
        "plugins", mop.home().resolve("plugins").toAbsolutePath().toString()));
    spec.commandLine().getOut().printf(
        "cd %s && mvn verify%ncp target/%s-1.0.0.jar %s/%nAdd %s.%s to mop.yaml: README.md shows how.%n",
        folder, artifact, mop.home().resolve("plugins"), kind.section, name);
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private static void checkPackage(String name) throws CommandException {
    if (!SourceVersion.isName(name, SourceVersion.RELEASE_17)) {
      throw new CommandException(ExitCode.USAGE, "\"" + name
          + "\" is no name of a Java package; --package gives another one, e.g. org.acme.telemetry.");
    }
    if (name.equals("io.mop") || name.startsWith("io.mop.")) {
      throw new CommandException(ExitCode.USAGE,
          "--package is \"" + name + "\", but io.mop is MOP's own: take one of yours, e.g. org.acme.telemetry.");
    }
  }

  /** In camel case, and what it is, so that it has the name of no class that it uses. */
  private String className() {
    StringBuilder words = new StringBuilder();
    for (String word : (name + "_" + kind).split("_+")) {
      words.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return words.toString();
  }

  private static String version(Path parent) throws CommandException, IOException {
    Matcher version = VERSION.matcher(Files.readString(parent));
    if (!version.find()) throw new CommandException(ExitCode.FAILURE, "There is no <version> in " + parent + ".");
    return version.group(1);
  }

  private void write(Path folder, String parent, Map<String, String> values) throws CommandException, IOException {
    Path made = folder.toAbsolutePath().normalize();
    try {
      Files.createDirectories(made.getParent());
      Files.createDirectory(made);
    } catch (FileAlreadyExistsException e) {
      throw new CommandException(ExitCode.FAILURE, e.getFile() + " exists: give another folder with -o DIR.");
    } catch (IOException e) {
      throw new CommandException(ExitCode.FAILURE, "The folder " + folder + " cannot be made: " + e + ".");
    }
    String main = "src/main/java/" + values.get("package").replace('.', '/') + "/";
    String test = main.replace("/main/", "/test/");
    String own = kind + "/";
    copy("common/pom.xml", made.resolve("pom.xml"), values);
    copy("common/gitignore", made.resolve(".gitignore"), values);
    Files.writeString(Files.createDirectories(made.resolve(".mvn")).resolve("plugin-parent.xml"), parent);
    copy(own + "Plugin.java", made.resolve(main + values.get("Class") + ".java"), values);
    for (String source : kind.sources) copy(own + source, made.resolve(main + source), values);
    copy(own + "PluginTest.java", made.resolve(test + values.get("Class") + "Test.java"), values);
    for (String fixture : kind.fixtures()) copy(own + fixture, made.resolve("src/test/resources/" + fixture), values);
    String readme = template(own + "README.md") + template("common/README.md");
    Files.writeString(made.resolve("README.md"), fill(readme, values));
  }

  private static void copy(String template, Path to, Map<String, String> values) throws IOException {
    Files.createDirectories(to.getParent());
    if (to.endsWith(RECORDING)) Files.write(to, bytes(template));
    else Files.writeString(to, fill(template(template), values));
  }

  private static String template(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String template) throws IOException {
    try (InputStream in = NewCommand.class.getResourceAsStream("plugin/" + template)) {
      if (in == null) throw new IllegalStateException("There is no template " + template + ".");
      return in.readAllBytes();
    }
  }

  private static String fill(String template, Map<String, String> values) {
    String filled = template;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace("@" + value.getKey() + "@", value.getValue());
    }
    return filled;
  }
}
