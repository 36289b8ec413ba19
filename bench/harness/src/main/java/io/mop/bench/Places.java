package io.mop.bench;

import jakarta.json.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * What was built.
 *
 * @param checkout its root
 * @param home the assembled distribution
 * @param plugins JAR of the benchmark plugins
 * @param count JAR of the plugin {@code bench_count}
 */
record Places(Path checkout, Path home, Path plugins, Path count) {
  static Places of(Path checkout) throws IOException {
    return new Places(
        checkout,
        checkout.resolve("distribution/target/mop"),
        jar(checkout.resolve("bench/plugins/target"), "io.mop.bench.*.jar"),
        jar(checkout.resolve("bench/count/target"), "io.mop.bench.*.jar"));
  }

  /** A bundle of the distribution. */
  Path bundle(String name) throws IOException {
    return jar(home.resolve("bundles"), name + "-*.jar");
  }

  /**
   * Makes a distribution that shares all with the assembled one, with one feature more, {@code bench}: all-in-one
   * without some bundles.
   *
   * @param directory is made
   * @param bundles their symbolic names
   */
  Path without(Path directory, String... bundles) throws IOException {
    Files.createDirectories(directory.resolve("bin"));
    Files.copy(home.resolve("bin/mop"), directory.resolve("bin/mop"), StandardCopyOption.COPY_ATTRIBUTES);
    for (String shared : new String[] {"bundles", "lib"}) {
      Files.createSymbolicLink(directory.resolve(shared), home.resolve(shared));
    }
    Path features = Files.createDirectory(directory.resolve("features"));
    Path all = Files.copy(home.resolve("features/all-in-one.json"), features.resolve("all-in-one.json"));
    String prototype;
    try (var reader = Json.createReader(Files.newBufferedReader(all))) {
      prototype = reader.readObject().getString("id");
    }
    var removed = Json.createArrayBuilder();
    for (String bundle : bundles) removed.add("io.mop:" + bundle);
    var feature =
        Json.createObjectBuilder()
            .add("feature-resource-version", "1.0")
            .add("id", prototype.replace("all-in-one", "bench"))
            .add("prototype", Json.createObjectBuilder().add("id", prototype)
                .add("removals", Json.createObjectBuilder().add("bundles", removed)));
    Files.writeString(features.resolve("bench.json"), feature.build().toString());
    return directory;
  }

  private static Path jar(Path target, String pattern) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, pattern)) {
      for (Path jar : jars) return jar;
    }
    throw new IOException("there is no JAR in " + target + ", expected one that the build made");
  }
}
