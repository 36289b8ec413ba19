package io.mop.config.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.config.Configuration;
import io.mop.config.Samples;
import io.mop.control.ConfigError;
import io.mop.control.Topology;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

class CommandsTest {
  private static final String GOOD =
      """
      receivers: {otlp: }
      processors: {batch: }
      exporters: {debug: , debug/b: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [batch], exporters: [debug, debug/b]}}}
      """;

  private static final class Engine extends IdleControl {
    final List<Topology> applied = new ArrayList<>();
    boolean refuses;

    @Override
    public void apply(Topology topology) throws ConfigError {
      if (refuses) throw new ConfigError(List.of("mop.yaml:3: exporters.debug: the port is in use", "and more"));
      applied.add(topology);
    }
  }

  @TempDir Path directory;

  private final Engine engine = new Engine();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file = Files.writeString(directory.resolve("mop.yaml"), GOOD);
  }

  private ConfigFile file(String name) {
    return new ConfigFile(name, Samples.catalog(), new Configuration());
  }

  private int run(String name) {
    return new ConfigRunner(
            new ConfigReloader(file(name), engine, print(err)::println, print(err)::println, false))
        .call();
  }

  private int validate(String name) {
    return new ConfigValidator(file(name), Samples.catalog(), print(out), print(err)).call();
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private static List<String> lines(ByteArrayOutputStream from) {
    return from.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void runAppliesAndPrintsNotes() {
    assertThat(run(file.toString())).isZero();
    assertThat(engine.applied).hasSize(1);
    assertThat(engine.applied.get(0).components()).hasSize(3);
    assertThat(lines(err))
        .containsExactly(
            "mop.yaml:2: processors.batch: accepted and left out: batching is the work of the exporters' queues");
  }

  @Test
  void runRefusesAnInvalidFile() throws Exception {
    Files.writeString(file, GOOD.replace("debug:", "debgu:").replace("otlp:", "oltp:"));
    assertThat(run(file.toString())).isEqualTo(3);
    assertThat(engine.applied).isEmpty();
    assertThat(lines(err))
        .containsExactly(
            "mop.yaml:1: receivers.oltp: no receiver 'oltp' is installed; nearest: otlp",
            "mop.yaml:3: exporters.debgu: no exporter 'debgu' is installed; nearest: debug",
            "mop.yaml:4: service.pipelines.logs.receivers[0]: receiver 'otlp' is not defined; nearest: oltp",
            "mop.yaml:4: service.pipelines.logs.exporters[0]: exporter 'debug' is not defined; nearest: debgu");
  }

  @Test
  void runPassesOnWhatTheEngineRefuses() {
    engine.refuses = true;
    assertThat(run(file.toString())).isEqualTo(3);
    assertThat(lines(err)).endsWith("mop.yaml:3: exporters.debug: the port is in use", "and more");
  }

  @Test
  void noFileIsNamed() {
    assertThat(run(" ")).isEqualTo(2);
    assertThat(validate("")).isEqualTo(2);
    assertThat(lines(err))
        .containsExactly(
            "mop run needs a configuration file; name it in the property mop.config",
            "mop validate needs a configuration file; name it in the property mop.config");
    assertThat(run("a\0b")).isEqualTo(3);
    assertThat(lines(err)).endsWith("mop.config: not a path; expected a configuration file");
  }

  @Test
  void validateNamesThePluginVersions() {
    assertThat(validate(file.toString())).isZero();
    assertThat(lines(out))
        .containsExactly(
            file + " is valid: 3 components, 1 pipeline", "  receiver otlp 0.1.0", "  exporter debug 0.3.0");
    assertThat(lines(err)).hasSize(1);
  }

  @Test
  void validateRefuses() throws Exception {
    Files.writeString(file, "receivers: [");
    assertThat(validate(file.toString())).isEqualTo(3);
    assertThat(lines(out)).isEmpty();
    assertThat(lines(err)).hasSize(1).first().asString().startsWith("mop.yaml:1: ");
  }

  @Test
  void servicesReadTheFrameworkProperty() {
    var context =
        (BundleContext)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, args) -> {
                  assertThat(method.getName()).isEqualTo("getProperty");
                  return switch ((String) args[0]) {
                    case "mop.config" -> file.toString();
                    case "mop.watch" -> "false";
                    default -> throw new AssertionError(args[0]);
                  };
                });
    ConfigReloader reloader = new ConfigReloader(context, engine, Samples.catalog());
    assertThat(new ConfigRunner(reloader).call()).isZero();
    assertThat(engine.applied).hasSize(1);
    reloader.close();
  }
}
