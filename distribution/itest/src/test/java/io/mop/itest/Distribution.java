package io.mop.itest;

import io.mop.launcher.Feature;
import io.mop.launcher.LaunchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The assembled distribution that the tests are about. */
final class Distribution {
  static final Path HOME = Path.of(System.getProperty("mop.distribution")).toAbsolutePath().normalize();

  private Distribution() {}

  static List<Path> files(String directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(HOME.resolve(directory))) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    }
  }

  static List<Feature> features() throws IOException, LaunchException {
    List<Feature> features = new ArrayList<>();
    for (Path file : files("features", ".json")) {
      features.add(Feature.read(file));
    }
    return features;
  }
}
