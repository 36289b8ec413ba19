package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mop.api.plugin.Key;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.config.Samples.Action;
import io.mop.config.Samples.Attributes;
import io.mop.config.Samples.Otlp;
import io.mop.config.Samples.Protocol;
import io.mop.config.Samples.Receiver;
import io.mop.config.Samples.Server;
import io.mop.config.Samples.Verb;
import io.mop.control.Topology;
import io.mop.control.Topology.Component;
import io.mop.control.Topology.Pipeline;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Files in the shape that the OpenTelemetry Collector's users have. */
class CollectorDocumentsTest {
  private static final Map<String, String> ENV = Map.of("STAGE", "prod", "TOKEN", "t0ken");

  private static Path document(String name) throws URISyntaxException {
    return Path.of(CollectorDocumentsTest.class.getResource("/collector/" + name).toURI());
  }

  private static Component component(Topology topology, String path) {
    return topology.components().stream().filter(c -> c.path().equals(path)).findFirst().orElseThrow();
  }

  @Test
  void gateway() throws Exception {
    Configuration.Result result = new Configuration(ENV::get).load(document("gateway.yaml"), Samples.catalog());
    Topology topology = result.topology();
    assertThat(result.notes())
        .containsExactly(
            "gateway.yaml:3: extensions.health_check: accepted, without effect: health is at /healthz and"
                + " /readyz of the address that --telemetry or MOP_TELEMETRY names, else 127.0.0.1:13133",
            "gateway.yaml:5: extensions.file_storage/queue: accepted, without effect: queues are held in memory",
            "gateway.yaml:17: processors.memory_limiter: accepted and left out: service.memory bounds what is held",
            "gateway.yaml:20: processors.batch: accepted and left out: batching is the work of the exporters' queues",
            "gateway.yaml:21: processors.batch/large: accepted and left out: batching is the work of the exporters'"
                + " queues",
            "gateway.yaml:38: exporters.otlphttp/backend.sending_queue.queue_size: accepted, without effect: it counts"
                + " requests and MOP bounds a queue by bytes: size, 64MiB",
            "gateway.yaml:51: service.telemetry: accepted, without effect: MOP's own metrics are at /metrics of"
                + " the address that --telemetry names; a receiver 'self' sends them on");
    assertThat(topology.pipelines())
        .extracting(Pipeline::id, Pipeline::receivers, Pipeline::processors, Pipeline::exporters)
        .containsExactly(
            tuple(
                "traces", List.of("otlp"), List.of("attributes/env"), List.of("otlp", "otlphttp/backend")),
            tuple(
                "metrics/eu", List.of("otlp"), List.of(), List.of("otlphttp/backend")),
            tuple(
                "logs", List.of("otlp"), List.of(), List.of("otlphttp/backend", "debug")));
    assertThat(component(topology, "receivers.otlp").binding().bind(Receiver.class).protocols().http())
        .contains(new Server("0.0.0.0:4318", new Size(4 << 20)));
    assertThat(component(topology, "processors.attributes/env").binding().bind(Attributes.class).actions())
        .containsExactly(
            new Action("deployment.environment.name", Verb.INSERT, Optional.of("prod")),
            new Action("internal", Verb.DELETE_ALL, Optional.empty()));
    Component http = component(topology, "exporters.otlphttp/backend");
    assertThat(http.binding().bind(Otlp.class))
        .isEqualTo(
            new Otlp(Protocol.HTTP, "https://backend:4318", Map.of("authorization", new Secret("Bearer t0ken")),
                Duration.ofSeconds(5), Optional.empty()));
    assertThat(http.queue())
        .contains(
            new Topology.Queue(new Size(64 << 20), 10, Duration.ofSeconds(1), Duration.ofSeconds(30),
                Duration.ofSeconds(300)));
    Otlp otlp = component(topology, "exporters.otlp").binding().bind(Otlp.class);
    assertThat(otlp.tls()).contains(new Samples.Tls(true, Optional.empty()));
    assertThat(otlp.headers())
        .isEqualTo(Map.of("authorization", new Secret("Bearer t0ken"), "x-scope-orgid", new Secret("team-a")));
  }

  @Test
  void agent() throws Exception {
    record Http(@Key("grpc") Protocol protocol, String endpoint, String compression) {}
    var catalog =
        new Samples.Catalog()
            .with(Kind.RECEIVER, "otlp", "1", Receiver.class)
            .with(Kind.EXPORTER, "otlp", "1", Http.class);
    Configuration.Result result = new Configuration(ENV::get).load(document("agent.yaml"), catalog);
    assertThat(result.notes()).isEmpty();
    Component exporter = component(result.topology(), "exporters.otlp_http");
    assertThat(exporter.type()).isEqualTo("otlp");
    assertThat(exporter.binding().bind(Http.class)).isEqualTo(new Http(Protocol.HTTP, "http://127.0.0.1:4318", "none"));
  }
}
