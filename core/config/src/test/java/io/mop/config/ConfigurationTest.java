package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.mop.api.data.Signal;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.config.Samples.Otlp;
import io.mop.config.Samples.Protocol;
import io.mop.control.ConfigError;
import io.mop.control.DirectMemory;
import io.mop.control.PluginCatalog;
import io.mop.control.Topology;
import io.mop.control.Topology.Component;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import io.mop.control.Topology.Pipeline;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationTest {
  private static final String GOOD =
      """
      receivers:
        otlp:
          protocols:
            grpc:
      exporters:
        otlp/tempo:
          endpoint: tempo:4317
      service:
        pipelines:
          traces:
            receivers: [otlp]
            exporters: [otlp/tempo]
      """;

  @TempDir Path directory;

  private Configuration.Result load(String yaml, PluginCatalog catalog) throws Exception {
    Path file = Files.writeString(directory.resolve("mop.yaml"), yaml);
    return new Configuration(Samples.ENV::get).load(file, catalog);
  }

  private Configuration.Result load(String yaml) throws Exception {
    return load(yaml, Samples.catalog());
  }

  private List<String> problems(String yaml) {
    return problems(yaml, Samples.catalog());
  }

  private List<String> problems(String yaml, PluginCatalog catalog) {
    return catchThrowableOfType(ConfigError.class, () -> load(yaml, catalog)).problems();
  }

  private static Samples.Catalog receiver() {
    return new Samples.Catalog().with(Kind.RECEIVER, "otlp", "1", Samples.Receiver.class);
  }

  /** As sha256sum prints it. */
  @Test
  void theTopologyHasTheHashOfItsText() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(GOOD.getBytes(StandardCharsets.UTF_8));
    assertThat(load(GOOD).topology().hash()).isEqualTo(HexFormat.of().formatHex(digest));
    assertThat(load(GOOD + "# more\n").topology().hash()).hasSize(64).isNotEqualTo(load(GOOD).topology().hash());
  }

  @Test
  void smallestFile() throws Exception {
    Configuration.Result result = load(GOOD);
    Topology topology = result.topology();
    assertThat(result.notes()).isEmpty();
    assertThat(topology.memory()).as("what suits the process").isEqualTo(DirectMemory.forBatches());
    assertThat(topology.shutdown()).isEqualTo(Duration.ofSeconds(10));
    assertThat(topology.components())
        .extracting(Component::kind, Component::id, Component::type, Component::where)
        .containsExactly(
            tuple(Kind.RECEIVER, "otlp", "otlp", "mop.yaml:2"),
            tuple(Kind.EXPORTER, "otlp/tempo", "otlp", "mop.yaml:6"));
    assertThat(topology.components().get(0).queue()).isEmpty();
    assertThat(topology.components().get(1).queue()).contains(Topology.Queue.DEFAULT);
    assertThat(topology.pipelines())
        .containsExactly(
            new Pipeline("traces", Signal.TRACES, List.of("otlp"), List.of(), List.of("otlp/tempo"),
                Durability.MEMORY, OnMissing.REFUSE));
    Otlp otlp = topology.components().get(1).binding().bind(Otlp.class);
    assertThat(otlp.endpoint()).isEqualTo("tempo:4317");
  }

  @Test
  void everyKeyOfService() throws Exception {
    Topology topology =
        load(
                """
                receivers: {otlp: , otlp/b: {protocols: {http: }}}
                processors:
                  attributes: {actions: [{key: a, action: delete-all}]}
                exporters: {debug: , otlp: {endpoint: "${env:PORT}", headers: {a: "${env:TOKEN}"}}}
                service:
                  memory: 1GiB
                  shutdown_timeout: 1m
                  pipelines:
                    traces/eu: {receivers: [otlp, otlp/b], processors: [attributes], exporters: [debug, otlp],
                      durability: export, on_missing: bypass}
                    metrics: {receivers: [otlp], exporters: [debug], durability: memory}
                    logs: {receivers: [otlp/b], exporters: [otlp]}
                """)
            .topology();
    assertThat(topology.memory()).isEqualTo(new Size(1 << 30));
    assertThat(topology.shutdown()).isEqualTo(Duration.ofMinutes(1));
    assertThat(topology.components()).extracting(Component::path)
        .containsExactly(
            "receivers.otlp", "receivers.otlp/b", "processors.attributes", "exporters.debug", "exporters.otlp");
    assertThat(topology.pipelines())
        .containsExactly(
            new Pipeline("traces/eu", Signal.TRACES, List.of("otlp", "otlp/b"), List.of("attributes"),
                List.of("debug", "otlp"), Durability.EXPORT, OnMissing.BYPASS),
            new Pipeline("metrics", Signal.METRICS, List.of("otlp"), List.of(), List.of("debug"), Durability.MEMORY,
                OnMissing.REFUSE),
            new Pipeline("logs", Signal.LOGS, List.of("otlp/b"), List.of(), List.of("otlp"), Durability.MEMORY,
                OnMissing.REFUSE));
    Otlp otlp = topology.components().get(4).binding().bind(Otlp.class);
    assertThat(otlp.endpoint()).isEqualTo("4317");
    assertThat(otlp.headers()).isEqualTo(Map.of("a", new Secret("hunter2-secret")));
  }

  /** A problem made by replacing a part of the good file. */
  static List<Arguments> mistakes() {
    return List.of(
        mistake("top key", "\nexporters:", "\nexporter:",
            "mop.yaml:5: exporter: unknown key; expected one of receivers, processors, exporters, connectors,"
                + " extensions, service; nearest: exporters",
            "mop.yaml:12: service.pipelines.traces.exporters[0]: exporter 'otlp/tempo' is not defined; none is"),
        mistake("type not installed", "otlp/tempo", "otpl/tempo",
            "mop.yaml:6: exporters.otpl/tempo: no exporter 'otpl' is installed; nearest: otlp"),
        mistake("type far from all", "otlp/tempo", "kinesis",
            "mop.yaml:6: exporters.kinesis: no exporter 'kinesis' is installed; installed: debug, otlp"),
        mistake("plugin's key", "endpoint:", "endpont:",
            "mop.yaml:6: exporters.otlp/tempo.endpoint: missing; expected text",
            "mop.yaml:7: exporters.otlp/tempo.endpont: unknown key; expected one of protocol, endpoint, headers,"
                + " timeout, tls, sending_queue, retry_on_failure; nearest: endpoint"),
        mistake("nested key", "grpc:", "gprc: {}",
            "mop.yaml:4: receivers.otlp.protocols.gprc: unknown key; expected one of grpc, http; nearest: grpc"),
        mistake("variable", "tempo:4317", "${env:HOST}",
            "mop.yaml:7: exporters.otlp/tempo.endpoint: environment variable HOST is not set; set it, or give a"
                + " default: ${env:HOST:-default}"),
        mistake("id without name", "otlp/tempo", "otlp/",
            "mop.yaml:6: exporters.otlp/: expected type or type/name, such as otlp or otlp/eu"),
        mistake("undefined", "exporters: [otlp/tempo]", "exporters: [otlp/temp, debug]",
            "mop.yaml:12: service.pipelines.traces.exporters[0]: exporter 'otlp/temp' is not defined; nearest:"
                + " otlp/tempo",
            "mop.yaml:12: service.pipelines.traces.exporters[1]: exporter 'debug' is not defined; defined: otlp/tempo"),
        mistake("undefined processor", "exporters: [", "processors: [batch]\n      exporters: [",
            "mop.yaml:12: service.pipelines.traces.processors[0]: processor 'batch' is not defined; none is"),
        mistake("named twice", "[otlp]", "[otlp, otlp]",
            "mop.yaml:11: service.pipelines.traces.receivers[1]: receiver 'otlp' is named twice"),
        mistake("not a list", "[otlp]", "otlp",
            "mop.yaml:11: service.pipelines.traces.receivers: expected a list, got 'otlp'"),
        mistake("nothing in a list", "[otlp]", "[otlp, ~]",
            "mop.yaml:11: service.pipelines.traces.receivers[1]: expected text, got nothing"),
        mistake("no exporter", "exporters: [otlp/tempo]", "exporters: []",
            "mop.yaml:10: service.pipelines.traces: needs at least one receiver and one exporter"),
        mistake("no receiver", "receivers: [otlp]", "on_missing: bypass",
            "mop.yaml:10: service.pipelines.traces: needs at least one receiver and one exporter"),
        mistake("signal", "traces:", "trace:",
            "mop.yaml:10: service.pipelines.trace: expected traces, metrics or logs, or one of them with a name, such"
                + " as traces/eu; nearest: traces"),
        mistake("signal without name", "traces:", "traces/:",
            "mop.yaml:10: service.pipelines.traces/: expected traces, metrics or logs, or one of them with a name, such"
                + " as traces/eu"),
        mistake("durability disk", "exporters: [", "durability: disk\n      exporters: [",
            "mop.yaml:12: service.pipelines.traces.durability: durability disk needs the queue bundle, which is not"
                + " installed; use memory or export"),
        mistake("durability", "exporters: [", "durability: exprt\n      exporters: [",
            "mop.yaml:12: service.pipelines.traces.durability: expected one of memory, export, disk, got 'exprt';"
                + " nearest: export"),
        mistake("on_missing", "exporters: [", "on_missing: wait\n      exporters: [",
            "mop.yaml:12: service.pipelines.traces.on_missing: expected one of refuse, bypass, got 'wait'"),
        mistake("pipeline key", "exporters: [", "processor: []\n      exporters: [",
            "mop.yaml:12: service.pipelines.traces.processor: unknown key; expected one of receivers, processors,"
                + " exporters, durability, on_missing; nearest: processors"),
        mistake("service key", "  pipelines:", "  memroy: 1GiB\n  pipelines:",
            "mop.yaml:9: service.memroy: unknown key; expected one of memory, shutdown_timeout, extensions, pipelines,"
                + " telemetry; nearest: memory"),
        mistake("memory", "  pipelines:", "  memory: 512Mi\n  shutdown_timeout: 10\n  pipelines:",
            "mop.yaml:9: service.memory: expected a size of at least 16MiB, got '512Mi'",
            "mop.yaml:10: service.shutdown_timeout: expected a duration such as 250ms, 10s or 1m30s, got '10'"),
        mistake("too little memory", "  pipelines:", "  memory: 15MiB\n  pipelines:",
            "mop.yaml:9: service.memory: expected a size of at least 16MiB, got '15MiB'"),
        mistake("no service", "service:", "extensions:",
            "mop.yaml:1: service: missing; expected pipelines with at least one pipeline",
            "mop.yaml:9: extensions.pipelines: no extension 'pipelines' is installed; accepted, without effect:"
                + " file_storage, health_check"),
        mistake("no pipelines", "  pipelines:", "  memory: 1GiB\nconnectors:",
            "mop.yaml:8: service.pipelines: missing; expected at least one pipeline",
            "mop.yaml:10: connectors: connectors are not in this distribution; remove traces here and in the"
                + " pipelines"),
        mistake("connectors", "exporters: [otlp/tempo]",
            "exporters: [otlp/tempo, spanmetrics]\nconnectors: {spanmetrics: , forward: }",
            "mop.yaml:13: connectors: connectors are not in this distribution; remove spanmetrics, forward here and in"
                + " the pipelines"),
        mistake("extension", "  pipelines:", "  extensions: [healthcheck, pprof]\n  pipelines:",
            "mop.yaml:9: service.extensions[0]: extension 'healthcheck' is not defined; none is",
            "mop.yaml:9: service.extensions[1]: extension 'pprof' is not defined; none is"),
        mistake("unknown extension", "service:", "extensions: {oauth2client/x: , healthcheck: }\nservice:",
            "mop.yaml:8: extensions.oauth2client/x: no extension 'oauth2client' is installed; accepted, without effect:"
                + " file_storage, health_check",
            "mop.yaml:8: extensions.healthcheck: no extension 'healthcheck' is installed; accepted, without effect:"
                + " file_storage, health_check; nearest: health_check"),
        mistake("section is a list", "service:", "processors: [batch]\nservice:",
            "mop.yaml:8: processors: expected a map, got a list"),
        mistake("service is a list", "service:", "service: []\nextensions:",
            "mop.yaml:8: service: expected a map, got a list",
            "mop.yaml:10: extensions.pipelines: no extension 'pipelines' is installed; accepted, without effect:"
                + " file_storage, health_check"),
        mistake("pipelines is text", "  pipelines:", "  pipelines: all\nextensions:",
            "mop.yaml:9: service.pipelines: expected a map, got 'all'",
            "mop.yaml:11: extensions.traces: no extension 'traces' is installed; accepted, without effect:"
                + " file_storage, health_check"),
        mistake("indentation", "grpc:", "grpc:\n        http:",
            "mop.yaml:5: receivers.otlp.protocols.grpc.http: unknown key; expected one of endpoint, max_request"),
        mistake("set twice", "service:", "receivers:\nservice:", "mop.yaml:8: receivers: set twice; first in line 1"));
  }

  private static Arguments mistake(String name, String old, String now, String... problems) {
    assertThat(GOOD).contains(old);
    return Arguments.of(name, GOOD.replace(old, now), List.of(problems));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void everyMistakeIsASentence(String name, String yaml, List<String> expected) {
    assertThat(problems(yaml)).containsExactlyElementsOf(expected);
  }

  @Test
  void mistakesOfAllSectionsAreReportedTogether() {
    assertThat(
            problems(
                """
                receivers: {otlp: {protocol: }, oltp: }
                processors:
                  attributes: {actions: [{key: a, action: insert}]}
                exporters: {debug: {sample: 1001, sending_queue: {num_consumers: 0}}}
                service:
                  memory: much
                  pipelines:
                    traces: {receivers: [otlp, otlp2], durability: disc}
                    metrics:
                """))
        .containsExactly(
            "mop.yaml:1: receivers.otlp.protocol: unknown key; expected protocols; nearest: protocols",
            "mop.yaml:1: receivers.oltp: no receiver 'oltp' is installed; nearest: otlp",
            "mop.yaml:3: processors.attributes.actions[0].value: expected a value to insert",
            "mop.yaml:4: exporters.debug.sample: expected a whole number from 0 to 1000, got '1001'",
            "mop.yaml:4: exporters.debug.sending_queue.num_consumers: expected a whole number from 1 to 1000, got '0'",
            "mop.yaml:6: service.memory: expected a size of at least 16MiB, got 'much'",
            "mop.yaml:8: service.pipelines.traces.durability: expected one of memory, export, disk, got 'disc';"
                + " nearest: disk",
            "mop.yaml:8: service.pipelines.traces.receivers[1]: receiver 'otlp2' is not defined; nearest: otlp",
            "mop.yaml:9: service.pipelines.metrics: needs at least one receiver and one exporter");
  }

  @Test
  void unusedComponentsGetANoteAndDoNotRun() throws Exception {
    Configuration.Result result = load(GOOD.replace("exporters:\n", "exporters:\n  debug:\n"));
    assertThat(result.notes())
        .containsExactly("mop.yaml:6: exporters.debug: defined, and no pipeline uses it: it is not started");
    assertThat(result.topology().components()).extracting(Component::id).containsExactly("otlp", "otlp/tempo");
    assertThat(problems(GOOD.replace("exporters:\n", "exporters:\n  debug: {sample: -1}\n")))
        .as("and must bind all the same")
        .containsExactly(
            "mop.yaml:6: exporters.debug.sample: expected a whole number from 0 to 1000, got '-1'");
  }

  @Test
  void otlphttpIsOtlpOverHttp() throws Exception {
    Configuration.Result result = load(GOOD.replace("otlp/tempo", "otlphttp/tempo"));
    Component exporter = result.topology().components().get(1);
    assertThat(List.of(exporter.id(), exporter.type())).containsExactly("otlphttp/tempo", "otlp");
    assertThat(exporter.binding().bind(Otlp.class).protocol()).isEqualTo(Protocol.HTTP);
    record Grpc(String endpoint) {}
    var grpcOnly = receiver().with(Kind.EXPORTER, "otlp", "1.2.3", Grpc.class);
    assertThat(problems(GOOD.replace("otlp/tempo", "otlphttp"), grpcOnly))
        .containsExactly(
            "mop.yaml:6: exporters.otlphttp: the installed otlp 1.2.3 has no key protocol and cannot stand for"
                + " otlphttp; use otlp");
    var own = Samples.catalog().with(Kind.EXPORTER, "otlphttp", "1", Grpc.class);
    assertThat(load(GOOD.replace("otlp/tempo", "otlphttp"), own).topology().components().get(1).type())
        .as("an installed plugin of that name comes first")
        .isEqualTo("otlphttp");
  }

  @Test
  void aPluginThatFails() {
    Plugin<?> failing =
        new Plugin<Samples.Debug>() {
          @Override
          public Class<Samples.Debug> config() {
            throw new NoClassDefFoundError("gone/Config");
          }

          @Override
          public io.mop.api.plugin.Part create(Samples.Debug config, io.mop.api.plugin.Context context) {
            throw new AssertionError();
          }
        };
    var catalog = receiver().with(Kind.EXPORTER, "otlp", "1.2.3", failing);
    assertThat(problems(GOOD, catalog))
        .containsExactly(
            "mop.yaml:6: exporters.otlp/tempo: the plugin otlp 1.2.3 failed:"
                + " java.lang.NoClassDefFoundError: gone/Config");
  }

  @Test
  void filesThatCannotBeRead() throws Exception {
    String empty = "mop.yaml:1: the file is empty; expected receivers, exporters and service";
    assertThat(problems("")).containsExactly(empty);
    assertThat(problems("# nothing\n")).containsExactly(empty);
    String map = "mop.yaml:1: expected a map of receivers, exporters and service, got ";
    assertThat(problems("- a")).containsExactly(map + "a list");
    assertThat(problems("a")).containsExactly(map + "text");
    assertThat(problems("~")).containsExactly(map + "nothing");
    assertThat(problems("#".repeat((4 << 20) + 1))).containsExactly("mop.yaml: is larger than 4MiB");
    Files.write(directory.resolve("latin1.yaml"), "a: 1\nb: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
    for (var expected :
        Map.of("latin1.yaml", "latin1.yaml:2: is not UTF-8 text", "none.yaml", "none.yaml: does not exist", "",
                directory.getFileName() + ": is a directory; expected a file")
            .entrySet()) {
      Path file = directory.resolve(expected.getKey());
      var error =
          catchThrowableOfType(ConfigError.class, () -> new Configuration().load(file, Samples.catalog()));
      assertThat(error.problems()).containsExactly(expected.getValue());
    }
  }

  @Test
  void aByteOrderMarkIsNotText() throws Exception {
    assertThat(load("\uFEFF" + GOOD).topology().pipelines()).hasSize(1);
  }

  @Test
  void problemsAreBounded() {
    var yaml = new StringBuilder("receivers:\n");
    for (int i = 0; i < 1000; i++) yaml.append("  kafka/").append(i).append(":\n");
    List<String> problems = problems(yaml + "service: {pipelines: {traces: {receivers: [a], exporters: [b]}}}\n");
    assertThat(problems)
        .hasSize(101)
        .contains("mop.yaml:2: receivers.kafka/0: no receiver 'kafka' is installed; installed: otlp");
    assertThat(problems.get(100)).isEqualTo("mop.yaml: 902 more problems");
  }

  @Test
  void secretsAreInNoMessage() {
    record Auth(@Key(min = 5) int level, Secret token, Secret other) {
      Auth {
        throw new IllegalArgumentException("bad token " + token.reveal());
      }
    }
    var catalog = receiver().with(Kind.EXPORTER, "otlp", "1", Auth.class);
    String bad = "level: ${env:TOKEN}\n    token: [literal-secret]\n    ${env:TOKEN}: literal-secret";
    assertThat(problems(GOOD.replace("endpoint: tempo:4317", bad), catalog))
        .containsExactly(
            "mop.yaml:6: exporters.otlp/tempo.other: missing; expected text",
            "mop.yaml:7: exporters.otlp/tempo.level: expected a whole number of at least 5, got '${env:TOKEN}'",
            "mop.yaml:8: exporters.otlp/tempo.token: expected text, got a list",
            "mop.yaml:9: exporters.otlp/tempo.${env:TOKEN}: unknown key; expected one of level, token, other,"
                + " sending_queue, retry_on_failure");
    String refused = "{level: 7, token: literal-secret, other: \"${env:TOKEN}\"}";
    assertThat(problems(GOOD.replace("\n    endpoint: tempo:4317", " " + refused), catalog))
        .containsExactly("mop.yaml:6: exporters.otlp/tempo: bad token ***");
  }
}
