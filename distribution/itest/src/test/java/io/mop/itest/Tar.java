package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One of the tars that {@code ./mop assemble} made of the build.
 *
 * @param role agent, gateway or all-in-one
 */
record Tar(String role, String environment, Path file) {
  private static final Path DIRECTORY = Path.of(System.getProperty("mop.tars"));
  private static final String VERSION = System.getProperty("mop.version");

  static Tar of(String role, String environment) {
    return new Tar(role, environment, DIRECTORY.resolve("mop-" + role + "-" + environment + "-" + VERSION + ".tar.gz"));
  }

  static List<Tar> all() {
    return Stream.of("agent", "gateway", "all-in-one")
        .flatMap(role -> Stream.of("dev", "staging", "production").map(environment -> of(role, environment)))
        .toList();
  }

  /** Into a directory that everybody may enter; returns what was in the tar. */
  Path unpack(Path directory) throws InterruptedException {
    try {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      Process tar =
          new ProcessBuilder("tar", "-xzf", file.toString(), "-C", directory.toString()).inheritIO().start();
      assertThat(tar.waitFor()).as("tar -xzf %s", file).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory.resolve(file.getFileName().toString().replace(".tar.gz", ""));
  }

  /** So that a default configuration listens on free ports and sends to nobody. */
  static Map<String, String> freePorts() {
    return Map.of(
        "MOP_OTLP_GRPC_PORT", Integer.toString(Children.freePort()),
        "MOP_OTLP_HTTP_PORT", Integer.toString(Children.freePort()),
        "MOP_TELEMETRY", "127.0.0.1:" + Children.freePort(),
        "MOP_GATEWAY", "127.0.0.1:" + Children.freePort(),
        "MOP_BACKEND", "127.0.0.1:" + Children.freePort());
  }

  @Override
  public String toString() {
    return role + " " + environment;
  }
}
