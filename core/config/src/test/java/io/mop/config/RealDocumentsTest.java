package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.Key;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.control.ConfigError;
import io.mop.control.Topology;
import io.mop.control.Topology.Component;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whole documents as the OpenTelemetry Collector's users have them, with plugins whose records have the collector's
 * shape: read as they are, or refused with a sentence that says what to do.
 */
class RealDocumentsTest {
  /** The {@code attributes} and {@code resource} processors. */
  public record Actions(List<Action> actions) {}

  public record Resource(List<Action> attributes) {}

  public record Action(
      String key, Verb action, Optional<String> value, Optional<String> fromAttribute, Optional<String> fromContext,
      Optional<String> pattern, Optional<String> convertedType) {}

  public enum Verb {
    INSERT,
    UPDATE,
    UPSERT,
    DELETE,
    HASH,
    EXTRACT,
    CONVERT
  }

  /** The {@code filter} processor. */
  public record Conditions(@Key("propagate") ErrorMode errorMode, Optional<Spans> traces, Optional<Logs> logs) {}

  public record Spans(List<String> span, List<String> spanevent) {}

  public record Logs(List<String> logRecord) {}

  public enum ErrorMode {
    PROPAGATE,
    IGNORE,
    SILENT
  }

  public record Debug(
      @Key("basic") Verbosity verbosity, @Key("2") int samplingInitial, @Key("1") int samplingThereafter) {}

  public enum Verbosity {
    BASIC,
    NORMAL,
    DETAILED
  }

  public record Otlp(
      @Key("grpc") Samples.Protocol protocol, String endpoint, Map<String, Secret> headers, @Key("5s") Duration timeout,
      Optional<String> compression, Optional<Tls> tls) {}

  public record Tls(@Key("false") boolean insecure, Optional<String> caFile) {}

  private static final Map<String, String> ENV =
      Map.of("CLUSTER", "eu-1", "TOKEN", "t0ken", "MY_POD_IP", "10.1.2.3", "K8S_NODE_NAME", "node-7");

  private static final Samples.Catalog CATALOG =
      new Samples.Catalog()
          .with(Kind.RECEIVER, "otlp", "1.0.0", Samples.Receiver.class)
          .with(Kind.PROCESSOR, "attributes", "1.0.0", Actions.class)
          .with(Kind.PROCESSOR, "resource", "1.0.0", Resource.class)
          .with(Kind.PROCESSOR, "filter", "1.0.0", Conditions.class)
          .with(Kind.EXPORTER, "debug", "1.0.0", Debug.class)
          .with(Kind.EXPORTER, "otlp", "1.0.0", Otlp.class);

  private static Configuration.Result load(String name) throws ConfigError, URISyntaxException {
    Path file = Path.of(RealDocumentsTest.class.getResource("/collector/documents/" + name + ".yaml").toURI());
    return new Configuration(ENV::get).load(file, CATALOG);
  }

  private static List<String> problems(String name) {
    return catchThrowableOfType(ConfigError.class, () -> load(name)).problems();
  }

  private static Component component(Topology topology, String path) {
    return topology.components().stream().filter(c -> c.path().equals(path)).findFirst().orElseThrow();
  }

  /** Pipelines as {@code id: receivers > processors > exporters}. */
  private static List<String> pipelines(Topology topology) {
    return topology.pipelines().stream()
        .map(p -> p.id() + ": " + String.join("+", p.receivers()) + " > " + String.join("+", p.processors()) + " > "
            + String.join("+", p.exporters()))
        .toList();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "01-minimal | 0 | traces: otlp >  > debug, metrics: otlp >  > debug, logs: otlp >  > debug",
        "02-node-agent | 5 | traces: otlp >  > otlp, metrics: otlp >  > otlp, logs: otlp >  > otlp",
        "03-gateway-to-three-backends | 2 | traces: otlp > resource > otlp/tempo,"
            + " metrics: otlp > resource > otlphttp/mimir, logs: otlp > resource > otlphttp/loki",
        "04-attributes | 0 | traces: otlp > attributes/names+attributes/region > otlp",
        "05-filter | 1 | traces: otlp > filter/health > otlphttp, logs: otlp > filter/debug > otlphttp",
        "06-kubernetes-daemonset | 4 | logs: otlp > resource/node > otlp+debug, traces: otlp > resource/node > otlp",
        "10-anchors | 0 | traces: otlp >  > debug, logs: otlp >  > debug",
      })
  void isReadAsItIs(String name, int notes, String expected) throws Exception {
    Configuration.Result result = load(name);
    assertThat(String.join(", ", pipelines(result.topology()))).isEqualTo(expected);
    assertThat(result.notes()).as("what MOP does otherwise").hasSize(notes);
    assertThat(result.notes()).allMatch(n -> n.matches(name + "\\.yaml:\\d+: \\S+: accepted.*"));
  }

  @Test
  void theAgentsNotesSayWhatIsOtherwise() throws Exception {
    assertThat(load("02-node-agent").notes())
        .containsExactly(
            "02-node-agent.yaml:3: extensions.health_check: accepted, without effect: health is at /healthz and /readyz"
                + " of the address that --telemetry or MOP_TELEMETRY names, else 127.0.0.1:13133",
            "02-node-agent.yaml:20: processors.memory_limiter: accepted and left out:"
                + " service.memory bounds what is held",
            "02-node-agent.yaml:24: processors.batch: accepted and left out:"
                + " batching is the work of the exporters' queues",
            "02-node-agent.yaml:37: exporters.otlp.sending_queue.queue_size: accepted, without effect: it counts"
                + " requests and MOP bounds a queue by bytes: size, 64MiB",
            "02-node-agent.yaml:46: service.telemetry: accepted, without effect: MOP's own metrics are at /metrics of"
                + " the address that --telemetry names; a receiver 'self' sends them on");
  }

  @Test
  void valuesArriveAsTheyAreMeant() throws Exception {
    Topology agent = load("02-node-agent").topology();
    Component otlp = component(agent, "exporters.otlp");
    assertThat(otlp.binding().bind(Otlp.class).endpoint()).isEqualTo("gateway.observability.svc:4317");
    assertThat(otlp.binding().bind(Otlp.class).tls()).contains(new Tls(true, Optional.empty()));
    assertThat(otlp.queue().orElseThrow().consumers()).isEqualTo(4);
    assertThat(otlp.queue().orElseThrow().maxElapsed()).isEqualTo(Duration.ofMinutes(5));
    Component mimir = component(load("03-gateway-to-three-backends").topology(), "exporters.otlphttp/mimir");
    assertThat(mimir.type()).isEqualTo("otlp");
    assertThat(mimir.binding().bind(Otlp.class).protocol()).isEqualTo(Samples.Protocol.HTTP);
    assertThat(mimir.binding().bind(Otlp.class).headers()).isEqualTo(Map.of("X-Scope-OrgID", new Secret("anonymous")));
    Actions actions =
        component(load("04-attributes").topology(), "processors.attributes/names").binding().bind(Actions.class);
    assertThat(actions.actions()).extracting(Action::action)
        .containsExactly(Verb.DELETE, Verb.HASH, Verb.INSERT, Verb.UPSERT, Verb.CONVERT, Verb.EXTRACT);
    assertThat(actions.actions().get(5).pattern().orElseThrow())
        .startsWith("^(?P<http_protocol>.*):\\/\\/").endsWith("$");
    assertThat(actions.actions().get(3).fromAttribute()).contains("user.name");
    Conditions filter =
        component(load("05-filter").topology(), "processors.filter/health").binding().bind(Conditions.class);
    assertThat(filter.traces().orElseThrow().span())
        .hasSize(2).first().isEqualTo("attributes[\"url.path\"] == \"/healthz\"");
    Samples.Receiver receiver =
        component(load("06-kubernetes-daemonset").topology(), "receivers.otlp").binding().bind(Samples.Receiver.class);
    assertThat(receiver.protocols().grpc().orElseThrow().endpoint()).isEqualTo("10.1.2.3:4317");
  }

  @Test
  void whatIsNotThereIsSaidInOneSentence() {
    assertThat(problems("07-persistent-queue"))
        .singleElement().asString()
        .startsWith("07-persistent-queue.yaml:12: exporters.otlp.sending_queue.storage: a stored queue needs");
    assertThat(problems("08-load-balancing"))
        .containsExactly(
            "08-load-balancing.yaml:4: exporters.loadbalancing: no exporter 'loadbalancing' is installed; installed:"
                + " debug, otlp");
    assertThat(problems("09-span-metrics"))
        .containsExactly(
            "09-span-metrics.yaml:3: connectors: connectors are not in this distribution; remove spanmetrics here and"
                + " in the pipelines");
  }
}
