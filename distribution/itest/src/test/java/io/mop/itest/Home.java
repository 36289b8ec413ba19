package io.mop.itest;

import io.mop.launcher.Feature;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** An all-in-one MOP of its own whose feature lacks one bundle, which can be dropped in. */
record Home(Path mop, Path bundle) {
  private static final String FEATURE = "some";

  /**
   * @param directory is made
   * @param name symbolic name of the bundle
   */
  static Home without(Path directory, String name) throws Exception {
    Path home = Tar.of("all-in-one", "dev").unpack(directory);
    String all = Feature.read(home.resolve("features/all-in-one.json")).id();
    Files.writeString(
        home.resolve("features").resolve(FEATURE + ".json"),
        """
        { "feature-resource-version": "1.0", "id": "%s",
          "prototype": { "id": "%s", "removals": { "bundles": [ "io.mop:%s" ] } } }
        """
            .formatted(all.replace("all-in-one", FEATURE), all, name));
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(home.resolve("bundles"), name + "-*.jar")) {
      return new Home(home.resolve("bin/mop"), jars.iterator().next());
    }
  }

  /** Puts the bundle into a plugins directory at once. */
  Path drop(Path plugins, String name) throws IOException {
    Path part = Files.copy(bundle, plugins.resolveSibling(name + ".part"), StandardCopyOption.REPLACE_EXISTING);
    return Files.move(part, plugins.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Runs it, with a plugins directory beside the state. */
  MopProcess start(Path directory, String yaml) throws IOException {
    Path plugins = Files.createDirectories(directory.resolve("plugins"));
    Path config = Files.writeString(directory.resolve("mop.yaml"), yaml);
    return MopProcess.start(
        List.of(mop.toString()), directory.resolve("mop"), config, Tar.freePorts(), "--feature", FEATURE, "--plugins",
        plugins.toString());
  }
}
