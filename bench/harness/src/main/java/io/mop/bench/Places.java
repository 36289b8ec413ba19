package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
        jar(checkout.resolve("bench/plugins/target")),
        jar(checkout.resolve("bench/count/target")));
  }

  private static Path jar(Path target) throws IOException {
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(target, "io.mop.bench.*.jar")) {
      for (Path jar : jars) return jar;
    }
    throw new IOException("there is no JAR in " + target + ", expected one that the build made");
  }
}
