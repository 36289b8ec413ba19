package io.mop.config.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.config.Configuration;
import io.mop.config.Samples;
import io.mop.config.Sources;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Reloader;
import io.mop.control.Topology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloaderTest {
  private static final String GOOD =
      """
      receivers: {otlp: }
      exporters: {debug: {sample: %s}}
      service: {pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}
      """;

  private static final class Engine extends IdleControl {
    final List<Topology> applied = new ArrayList<>();
    final List<Boolean> discarded = new ArrayList<>();
    final Map<String, Integer> counters = new TreeMap<>();
    String refusal = "";

    @Override
    public Changes apply(Topology topology, boolean discardState) throws ConfigError {
      if (!refusal.isEmpty()) throw new ConfigError(List.of(refusal));
      applied.add(topology);
      discarded.add(discardState);
      return new Changes(List.of(), List.of("exporters.debug"), List.of(), List.of("receivers.otlp"));
    }

    @Override
    public void count(String component, String name) {
      counters.merge(component + " " + name, 1, Integer::sum);
    }
  }

  @TempDir Path directory;
  private final Engine engine = new Engine();
  private final List<String> said = new ArrayList<>();
  private Path file;
  private ConfigReloader reloader;
  private ConfigWatch watch;
  private int changes;

  @BeforeEach
  void start() throws Exception {
    file = Files.writeString(directory.resolve("mop.yaml"), GOOD.formatted("1"));
    reloader = reloader(file);
    assertThat(reloader.applied()).isEmpty();
    assertThatThrownBy(() -> reloader.reload(false)).isInstanceOf(IllegalStateException.class);
    assertThat(reloader.start()).isZero();
  }

  private ConfigReloader reloader(Path of) {
    ConfigFile config = new ConfigFile(of.toString(), Samples.catalog(), new Configuration());
    return new ConfigReloader(config, engine, said::add, said::add, false);
  }

  private Reloader.Applied applied() {
    return reloader.applied().orElseThrow();
  }

  private static String sha256(String text) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes("UTF-8")));
  }

  @Test
  void theHashIsThatOfTheFileAndSinceIsWhenItWasApplied() throws Exception {
    long since = applied().since();
    assertThat(applied().hash()).isEqualTo(sha256(GOOD.formatted("1")));
    assertThat(applied().file()).isEqualTo(file.toString());
    reloader.reload(false);
    assertThat(applied().since()).as("the same runs").isEqualTo(since);
    Files.writeString(file, GOOD.formatted("2"));
    Reloader.Reload reload = reloader.reload(true);
    assertThat(reload.changes().replaced()).containsExactly("exporters.debug");
    assertThat(applied().hash()).isEqualTo(sha256(GOOD.formatted("2")));
    assertThat(engine.discarded).containsExactly(false, false, true);
    assertThat(engine.counters).isEqualTo(Map.of("service config_reloads", 2));
  }

  @Test
  void aRejectedFileIsRememberedUntilOneIsTaken() throws Exception {
    Files.writeString(file, GOOD.formatted("many"));
    assertThatThrownBy(() -> reloader.reload(false)).isInstanceOf(ConfigError.class);
    assertThat(engine.applied).hasSize(1);
    assertThat(applied().hash()).isEqualTo(sha256(GOOD.formatted("1")));
    assertThat(applied().rejected().orElseThrow().problems())
        .containsExactly("mop.yaml:2: exporters.debug.sample: expected a whole number from 0 to 1000, got 'many'");
    engine.refusal = "mop.yaml:1: receivers.otlp: the port is in use";
    Files.writeString(file, GOOD.formatted("3"));
    assertThat(reloader.call()).isEqualTo(3);
    assertThat(said).containsExactly(engine.refusal, file + " is rejected: the configuration before runs on");
    assertThat(applied().rejected().orElseThrow().problems()).containsExactly(engine.refusal);
    engine.refusal = "";
    assertThat(reloader.call()).isZero();
    assertThat(applied().rejected()).isEmpty();
    assertThat(engine.counters)
        .isEqualTo(Map.of("service config_reloads", 1, "service config_reloads_rejected", 2));
  }

  // ---- the watch

  private void watch(Path of) throws Exception {
    ConfigFile config = new ConfigFile(of.toString(), Samples.catalog(), new Configuration());
    var seen = new Sources[] {new Sources()};
    Runnable read = () -> {
      seen[0] = new Sources();
      try {
        config.load(seen[0]);
      } catch (ConfigError e) {
        said.add(e.problems().get(0));
      }
      changes++;
    };
    read.run();
    watch = new ConfigWatch(() -> seen[0], read);
    looks(3, 1);
  }

  /** After {@code n} looks the file was read {@code changes} times. */
  private void looks(int n, int expected) {
    for (int i = 0; i < n; i++) watch.look();
    assertThat(changes).isEqualTo(expected);
  }

  @Test
  void aChangeIsTakenUpWhenItHasSettled() throws Exception {
    watch(file);
    Files.writeString(file, GOOD.formatted("2"));
    looks(1, 1);
    Files.writeString(file, GOOD.formatted("22"));
    looks(1, 1);
    looks(1, 2);
    looks(3, 2);
    Files.writeString(file, "receivers: [");
    looks(2, 3);
    assertThat(said).as("said once").hasSize(1);
    looks(3, 3);
    Files.delete(file);
    looks(2, 4);
    looks(2, 4);
    assertThat(said).last().isEqualTo("mop.yaml: does not exist");
    Files.writeString(file, GOOD.formatted("2"));
    looks(2, 5);
    assertThat(said).hasSize(2);
  }

  @Test
  void filesThatItTakesInCountToo() throws Exception {
    Path value = directory.resolve("sample");
    Files.writeString(file, GOOD.formatted("\"${file:sample}\""));
    watch(file);
    assertThat(said).singleElement().asString().contains("file 'sample' does not exist");
    Files.writeString(value, "7");
    looks(2, 2);
    Files.writeString(value, "8");
    looks(2, 3);
    looks(2, 3);
    assertThat(said).hasSize(1);
  }

  @Test
  void aMountedConfigMapChangesByALink() throws Exception {
    for (String version : List.of("1", "2")) {
      Path data = Files.createDirectories(directory.resolve("..data_" + version));
      Files.writeString(data.resolve("mop.yaml"), GOOD.formatted(version));
    }
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    Path data = mounted.resolve("..data");
    Files.createSymbolicLink(data, directory.resolve("..data_1"));
    Path link = Files.createSymbolicLink(mounted.resolve("mop.yaml"), Path.of("..data/mop.yaml"));
    watch(link);
    Path next = Files.createSymbolicLink(mounted.resolve("..data_tmp"), directory.resolve("..data_2"));
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
    looks(2, 2);
    looks(2, 2);
    assertThat(said).isEmpty();
  }
}
