package io.mop.bench;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.StringReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A MOP of the assembled distribution, started by the benchmark and stopped by its pid. */
final class Mop implements AutoCloseable {
  private final Path directory;
  private final Process process;
  private final Path log;

  /**
   * @param home the assembled distribution
   * @param directory for configuration, state, plugins and log; made by the caller
   * @param jvm further options of the JVM
   * @param jars dropped into the plugins directory before the start
   */
  Mop(Path home, Path directory, String yaml, List<String> jvm, List<Path> jars) throws IOException {
    this(home, directory, "all-in-one", yaml, jvm, jars);
  }

  /** @param feature name of a file in {@code features/} */
  Mop(Path home, Path directory, String feature, String yaml, List<String> jvm, List<Path> jars) throws IOException {
    this.directory = directory;
    Path config = Files.writeString(directory.resolve("mop.yaml"), yaml);
    Path plugins = Files.createDirectories(directory.resolve("plugins"));
    for (Path jar : jars) Files.copy(jar, plugins.resolve(jar.getFileName()));
    log = directory.resolve("mop.log");
    ProcessBuilder start =
        new ProcessBuilder(
            home.resolve("bin/mop").toString(),
            "run",
            "--config",
            config.toString(),
            "--state",
            directory.resolve("state").toString(),
            "--plugins",
            plugins.toString(),
            "--feature",
            feature,
            "--telemetry",
            "127.0.0.1:" + Host.freePort());
    if (!jvm.isEmpty()) start.environment().put("MOP_JAVA_OPTS", String.join(" ", jvm));
    start.redirectErrorStream(true).redirectOutput(log.toFile());
    process = start.start();
  }

  Path plugins() {
    return directory.resolve("plugins");
  }

  long pid() {
    return process.pid();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /**
   * What a command of the shell, such as {@code mop:status}, prints, with its exit code in the last line. Asked on
   * MOP's control socket: the CLI's own start would be measured otherwise.
   */
  String ask(String line) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("state").resolve("mop.sock")))) {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A reading of {@code mop status -o json}; an empty object while MOP is not reachable. */
  JsonObject status() {
    try {
      String text = ask("mop:status -o json");
      int brace = text.indexOf('{');
      if (brace < 0) return JsonObject.EMPTY_JSON_OBJECT;
      try (var reader = Json.createReader(new StringReader(text.substring(brace)))) {
        return reader.readObject();
      }
    } catch (IOException e) {
      return JsonObject.EMPTY_JSON_OBJECT;
    }
  }

  /** The state of the whole, {@code running} once all pipelines work; empty while MOP is not reachable. */
  static boolean running(JsonObject status) {
    return status.getString("state", "").equals("running");
  }

  /** The component of {@code path} in a status; an empty object if there is none. */
  static JsonObject component(JsonObject status, String path) {
    if (!status.containsKey("components")) return JsonObject.EMPTY_JSON_OBJECT;
    for (JsonObject c : status.getJsonArray("components").getValuesAs(JsonObject.class)) {
      if (c.getString("path").equals(path)) return c;
    }
    return JsonObject.EMPTY_JSON_OBJECT;
  }

  /** Version and state of each installed version of a plugin. */
  static List<String> versions(JsonObject status, String name) {
    if (!status.containsKey("plugins")) return List.of();
    return status.getJsonArray("plugins").getValuesAs(JsonObject.class).stream()
        .filter(p -> p.getString("name").equals(name))
        .map(p -> p.getString("version") + " " + p.getString("state"))
        .toList();
  }

  long counter(JsonObject status, String name) {
    JsonObject counters = status.getJsonObject("counters");
    return counters == null || !counters.containsKey(name) ? 0 : counters.getJsonNumber(name).longValue();
  }

  /** Waits for a status; null after {@code seconds}. */
  JsonObject await(int seconds, Predicate<JsonObject> condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (process.isAlive() && System.nanoTime() < end) {
      JsonObject s = status();
      if (!s.isEmpty() && condition.test(s)) return s;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return null;
  }

  /** SIGTERM, and after 20 s SIGKILL. */
  @Override
  public void close() {
    Host.stop(process);
  }
}
