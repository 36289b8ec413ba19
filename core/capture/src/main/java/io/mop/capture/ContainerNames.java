package io.mop.capture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of containers, from what the engines keep of them on the host: Docker, containerd for Kubernetes, Podman and
 * CRI-O, each where it keeps that by default. A name that was found is kept while its container is asked for.
 */
final class ContainerNames {
  /** In JSON a quote within a text is escaped, so that no text can look like these keys. */
  private static final String NAME = "\\s*:\\s*\"/?([^\"\\\\]+)\"";

  /** A file and where the name stands in it; {@code ID} is the container's. */
  private record Source(String file, String pattern) {}

  private static final List<Source> SOURCES =
      List.of(
          new Source("var/lib/docker/containers/ID/config.v2.json", "\"Name\"\\s*:\\s*\"/([^\"\\\\]+)\""),
          new Source(
              "run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json",
              "\"io\\.kubernetes\\.cri\\.container-name\"" + NAME),
          new Source(
              "var/lib/containers/storage/overlay-containers/containers.json",
              "\"id\"\\s*:\\s*\"ID\"\\s*,\\s*\"names\"\\s*:\\s*\\[\\s*\"([^\"\\\\]+)\""));
  private static final int MAX = 4 << 20;

  private final Path host;
  private Map<String, Optional<String>> before = Map.of();
  private Map<String, Optional<String>> now = new HashMap<>();

  /** @param proc whose first process sees the host's files */
  ContainerNames(Path proc) {
    host = proc.resolve("1/root");
  }

  /** What is not asked for until the next call is forgotten, and what had no name is looked for again. */
  void next() {
    before = now;
    now = new HashMap<>();
  }

  /**
   * The name of a container, if an engine knows one.
   *
   * @throws IOException if a file is there and cannot be read
   */
  Optional<String> of(String id) throws IOException {
    Optional<String> name = now.get(id);
    if (name != null) return name;
    name = before.getOrDefault(id, Optional.empty());
    for (Source s : SOURCES) if (name.isEmpty()) name = read(s, id);
    now.put(id, name);
    return name;
  }

  private Optional<String> read(Source source, String id) throws IOException {
    try (InputStream in = Files.newInputStream(host.resolve(source.file.replace("ID", id)))) {
      String text = new String(in.readNBytes(MAX), StandardCharsets.UTF_8);
      Matcher m = Pattern.compile(source.pattern.replace("ID", id)).matcher(text);
      return m.find() ? Optional.of(m.group(1)) : Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Optional.empty();
    }
  }
}
