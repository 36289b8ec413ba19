package io.mop.sdk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes what a plugin is built against, outside of this reactor: a Maven repository with the modules that a plugin and
 * its tests use, as they were built, with the poms they were built with and those poms' parents; and the presets of a
 * plugin.
 */
public final class SdkRepository {
  /** Modules of core/ whose jars plugins or their tests have on the class path. */
  private static final List<String> MODULES = List.of("api", "otlp", "capture", "testkit");
  /** The presets, beside the repository as well: "mop new" copies them. */
  private static final String PARENT = "plugin-parent";

  private final Path root;
  private final String version;
  private final Instant time;
  private final Path target;

  private SdkRepository(Path root, String version, Instant time, Path target) {
    this.root = root;
    this.version = version;
    this.time = time;
    this.target = target;
  }

  /**
   * Replaces the target.
   *
   * @param args root of the reactor, version, time of files (ISO 8601), target
   */
  public static void main(String[] args) throws IOException {
    new SdkRepository(Path.of(args[0]), args[1], Instant.parse(args[2]), Path.of(args[3])).write();
  }

  private void write() throws IOException {
    delete(target);
    String date = DateTimeFormatter.ofPattern("yyyyMMdd.HHmmss").withZone(ZoneOffset.UTC).format(time);
    MavenRepository repository = new MavenRepository(target, version, date);
    repository.add("mop", Map.of(".pom", Files.readAllBytes(root.resolve("pom.xml"))));
    repository.add("core", Map.of(".pom", Files.readAllBytes(root.resolve("core/pom.xml"))));
    for (String module : MODULES) {
      Path home = root.resolve("core").resolve(module);
      String artifact = "io.mop." + module;
      repository.add(artifact, Map.of(
          ".pom", Files.readAllBytes(home.resolve("pom.xml")),
          ".jar", Files.readAllBytes(home.resolve("target/" + artifact + "-" + version + ".jar")),
          "-sources.jar", sources(home.resolve("src/main/java"))));
    }
    String parent = Files.readString(root.resolve("sdk/" + PARENT + ".xml")).replace("@version@", version);
    repository.add("io.mop." + PARENT, Map.of(".pom", parent.getBytes(StandardCharsets.UTF_8)));
    Files.writeString(target.resolve(PARENT + ".xml"), parent);
  }

  /** A zip whose bytes depend on names and contents only. */
  private byte[] sources(Path directory) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes); Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        ZipEntry entry = new ZipEntry(directory.relativize(file).toString());
        // Of no time zone, as everything in this build that is reproducible.
        entry.setTimeLocal(time.atZone(ZoneOffset.UTC).toLocalDateTime());
        zip.putNextEntry(entry);
        zip.write(Files.readAllBytes(file));
      }
    }
    return bytes.toByteArray();
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) return;
    Files.walkFileTree(directory, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path dir, IOException e) throws IOException {
        Files.delete(dir);
        return FileVisitResult.CONTINUE;
      }
    });
  }
}
