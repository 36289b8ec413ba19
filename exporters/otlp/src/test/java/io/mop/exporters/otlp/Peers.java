package io.mop.exporters.otlp;

import io.mop.api.data.Signal;
import io.mop.api.net.ReloadingTls;
import io.mop.api.net.ServerTls;
import io.mop.api.pipeline.Exporter;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestCertificates.Issued;
import io.mop.testkit.TestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A server of one of both protocols, and the exporter for it, so that one test holds for both. */
final class Peers implements AutoCloseable {
  private final Protocol protocol;
  private final boolean tls;
  private final Optional<GrpcSink> grpc;
  private final Optional<OtlpSink> http;

  private Peers(Protocol protocol, Optional<ReloadingTls> tls) {
    this.protocol = protocol;
    this.tls = tls.isPresent();
    boolean isGrpc = protocol == Protocol.GRPC;
    grpc = isGrpc
        ? Optional.of(new GrpcSink(0, tls.map(ReloadingTls::sslContext), Set.of(Signal.values()), b -> { }))
        : Optional.empty();
    http = isGrpc ? Optional.empty() : Optional.of(new OtlpSink().keepRequests());
    http.ifPresent(sink -> tls.ifPresent(sink::tls));
  }

  static Peers plain(Protocol protocol) {
    return new Peers(protocol, Optional.empty());
  }

  /** @param clients who signs the certificates that clients must have; empty = they need none */
  static Peers tls(Protocol protocol, Issued own, Optional<Path> clients) {
    ServerTls settings = new ServerTls(Optional.empty(), Optional.of(own.certPem()), Optional.empty(),
        Optional.of(new io.mop.api.plugin.Secret(own.keyPem())), clients.map(Path::toString), true, "1.2",
        Optional.empty(), List.of(), Duration.ZERO);
    return new Peers(protocol, Optional.of(ReloadingTls.server("tls", settings, new TestContext("receivers.test"))));
  }

  int port() {
    return grpc.isPresent() ? grpc.get().port() : http.orElseThrow().port();
  }

  String hostPort() {
    return "127.0.0.1:" + port();
  }

  /** A configuration that connects as this server expects it. */
  TestConfig config() {
    return config(tls);
  }

  /** For gRPC host:port, whose meaning {@code tls} decides. */
  TestConfig config(boolean withTls) {
    if (protocol == Protocol.GRPC) return withTls ? TestConfig.grpc(hostPort()).tls(null) : TestConfig.grpc(hostPort());
    return TestConfig.http((withTls ? "https" : "http") + "://" + hostPort());
  }

  static Exporter exporter(TestConfig config, TestContext context) {
    Otlp.Config built = config.build();
    return built.spoken() == Protocol.GRPC
        ? new GrpcExporter(built, context, Map.of())
        : new HttpExporter(built, context, Map.of());
  }

  /** What outcomes and health reasons begin with. */
  String shown(boolean withTls) {
    if (protocol == Protocol.GRPC) return hostPort() + ": ";
    return (withTls ? "https" : "http") + "://" + hostPort() + "/v1/traces: ";
  }

  /** The answer to the next request: it does not take the credentials. */
  void refuseNext() {
    grpc.ifPresent(s -> s.next(GrpcSink.Answer.of(io.grpc.Status.UNAUTHENTICATED.withDescription("who are you"))));
    http.ifPresent(s -> s.next(OtlpSink.Answer.status(401)));
  }

  /** Of every request, in order; null = none. */
  List<String> headers(String name) {
    if (grpc.isPresent()) return grpc.get().requests.stream().map(r -> r.header(name)).toList();
    return http.orElseThrow().kept().stream().map(r -> String.valueOf(r.headers().get(name))).toList();
  }

  /** The bodies of all requests that came to an end. */
  List<byte[]> bodies() {
    if (grpc.isPresent()) return grpc.get().requests.stream().map(GrpcSink.Request::message).toList();
    return http.orElseThrow().kept().stream().map(OtlpSink.Request::body).toList();
  }

  @Override
  public void close() {
    grpc.ifPresent(GrpcSink::close);
    http.ifPresent(OtlpSink::close);
  }
}
