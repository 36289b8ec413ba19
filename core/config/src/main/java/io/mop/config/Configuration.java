package io.mop.config;

import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.Topology;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads mop.yaml: the OpenTelemetry Collector's shape, as documented in the README of this module. */
public final class Configuration {
  /** Greatest file, in bytes. */
  static final int MOST_BYTES = 4 << 20;

  /**
   * What a file says.
   *
   * @param notes what it says and MOP does otherwise, {@code mop.yaml:LINE: …} each
   */
  public record Result(Topology topology, List<String> notes) {
    public Result {
      notes = List.copyOf(notes);
    }
  }

  private final Function<String, String> env;

  /** Takes {@code ${env:NAME}} from this process's environment. */
  public Configuration() {
    this(System::getenv);
  }

  /** @param env null = not set */
  Configuration(Function<String, String> env) {
    this.env = env;
  }

  /**
   * Reads {@code file}, binds every section to the record of its installed plugin, and starts nothing.
   *
   * @throws ConfigError with every problem of the file
   */
  public Result load(Path file, PluginCatalog catalog) throws ConfigError {
    return load(file, catalog, new Sources());
  }

  /** @param seen is told which files were read and what they held, also if there are problems */
  public Result load(Path file, PluginCatalog catalog, Sources seen) throws ConfigError {
    String name = Optional.ofNullable(file.getFileName()).orElse(file).toString();
    String text = read(file, name, seen);
    var problems = new Problems(name);
    Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
    Node root =
        Yaml.parse(text, problems, new Substitution(env, directory, seen))
            .orElseThrow(() -> single(name + ":1: the file is empty; expected receivers, exporters and service"));
    var notes = new Notes(problems);
    Optional<Topology> topology = new TopologyReader(problems, notes, catalog, name).read(root);
    problems.throwIfAny();
    return new Result(topology.orElseThrow().withHash(seen.hash()), notes.texts());
  }

  private static String read(Path file, String name, Sources seen) throws ConfigError {
    try {
      if (Files.isDirectory(file)) throw single(name + ": is a directory; expected a file");
      byte[] bytes = seen.read(file, MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) throw single(name + ": is larger than 4MiB");
      var in = ByteBuffer.wrap(bytes);
      try {
        String text = StandardCharsets.UTF_8.newDecoder().decode(in).toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
      } catch (CharacterCodingException e) {
        long line = 1;
        for (int i = 0; i < in.position(); i++) if (bytes[i] == '\n') line++;
        throw single(name + ":" + line + ": is not UTF-8 text");
      }
    } catch (NoSuchFileException e) {
      throw single(name + ": does not exist");
    } catch (IOException e) {
      throw single(name + ": cannot be read");
    }
  }

  private static ConfigError single(String problem) {
    return new ConfigError(List.of(problem));
  }
}
