package io.mop.assemble;

import io.mop.launcher.Feature;
import io.mop.launcher.LaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The built distribution with all bundles and features that others are cut from.
 *
 * @param path with {@code bundles/}, {@code lib/}, {@code features/}
 */
record Home(Path path) {

  /** @throws AssembleException if nothing is built there */
  static Home at(Path path) throws AssembleException {
    if (!Files.isDirectory(path.resolve("bundles")) || !Files.isDirectory(path.resolve("features/environments"))) {
      throw new AssembleException(
          AssembleException.NOT_FOUND, "There is no built MOP in " + path + "; \"./mop build\" makes it.");
    }
    return new Home(path);
  }

  Path file(String name) {
    return path.resolve(name);
  }

  Feature feature(Role role) throws AssembleException {
    try {
      return Feature.read(file("features/" + role.id() + ".json"));
    } catch (LaunchException e) {
      throw new AssembleException(e.exitCode(), e.getMessage());
    }
  }

  static String version(Feature feature) {
    return feature.id().substring(feature.id().lastIndexOf(':') + 1);
  }

  List<Path> bundles(Feature feature) throws AssembleException {
    List<Path> jars = new ArrayList<>();
    for (Feature.Entry entry : feature.bundles()) {
      Path jar = file("bundles/" + entry.file());
      if (!Files.isRegularFile(jar)) {
        throw new AssembleException(
            AssembleException.FAILURE,
            feature.id() + " names " + entry.file() + ", which is not in " + jar.getParent() + ".");
      }
      jars.add(jar);
    }
    return jars;
  }

  Needs needs(Role role) throws AssembleException, IOException {
    return Needs.of(bundles(feature(role)));
  }

  Environment environment(String name) throws AssembleException {
    return Environment.read(file("features/environments"), name);
  }

  List<Environment> environments(String name) throws AssembleException, IOException {
    if (!name.equals("all")) {
      return List.of(environment(name));
    }
    List<Environment> environments = new ArrayList<>();
    try (Stream<Path> files = Files.list(file("features/environments"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        environments.add(environment(file.getFileName().toString().replace(".json", "")));
      }
    }
    return environments;
  }

  /** The role's default mop.yaml with the environment's values. */
  String configuration(Role role, Environment environment) throws IOException, AssembleException {
    return Defaults.fill(Files.readString(file("features/" + role.id() + ".yaml")), Defaults.of(role, environment));
  }

  /**
   * Time of every file that is made.
   *
   * @return {@code SOURCE_DATE_EPOCH} if it is set (https://reproducible-builds.org/specs/source-date-epoch/), else the
   *     time in the launcher's jar, which the build fixes
   */
  Instant time(Map<String, String> env) throws IOException, AssembleException {
    String epoch = env.getOrDefault("SOURCE_DATE_EPOCH", "");
    if (!epoch.isEmpty()) {
      if (!epoch.matches("\\d{1,10}")) {
        throw new AssembleException(
            AssembleException.USAGE, "SOURCE_DATE_EPOCH is \"" + epoch + "\", expected seconds since 1970.");
      }
      return Instant.ofEpochSecond(Long.parseLong(epoch));
    }
    for (Path jar : list("lib")) {
      if (jar.getFileName().toString().startsWith("io.mop.launcher-")) {
        try (JarFile file = new JarFile(jar.toFile())) {
          return file.entries().nextElement().getTimeLocal().toInstant(java.time.ZoneOffset.UTC);
        }
      }
    }
    throw new AssembleException(AssembleException.FAILURE, "There is no launcher in " + file("lib") + ".");
  }

  /** Regular files of a directory and below it, sorted; none if there is no such directory. */
  List<Path> list(String directory) throws IOException {
    if (!Files.isDirectory(file(directory))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(file(directory))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
