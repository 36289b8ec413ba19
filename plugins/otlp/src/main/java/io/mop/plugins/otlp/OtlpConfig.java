package io.mop.plugins.otlp;

import io.mop.api.net.ServerAuth;
import io.mop.api.net.ServerTls;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Size;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code receivers.otlp}, in the shape of the OpenTelemetry Collector's receiver: without {@code protocols} both
 * servers run with their defaults; with it, only those that are named.
 */
public record OtlpConfig(
    @Key(doc = "Which servers run; absent = gRPC and HTTP with their defaults.") Optional<Protocols> protocols,
    @Key(doc = "Most bytes a compressed or JSON request may become; above it is cut off and rejected.",
        value = "32MiB", min = 1024, max = LIMIT) Size maxInflatedSize) {
  /** Most bytes of any message, so that sizes fit an int with room to spare. */
  static final long LIMIT = 256L << 20;

  public OtlpConfig {
    if (protocols.isPresent() && protocols.get().grpc().isEmpty() && protocols.get().http().isEmpty()) {
      throw new InvalidConfig("protocols", "at least one of grpc and http");
    }
  }

  /** The gRPC server to run, if any. */
  Optional<Grpc> grpc() {
    return protocols.isPresent() ? protocols.get().grpc() : Optional.of(Grpc.DEFAULT);
  }

  /** The HTTP server to run, if any. */
  Optional<Http> http() {
    return protocols.isPresent() ? protocols.get().http() : Optional.of(Http.DEFAULT);
  }

  /** The servers to run. */
  public record Protocols(
      @Key(doc = "OTLP/gRPC; present with no keys = defaults.") Optional<Grpc> grpc,
      @Key(doc = "OTLP/HTTP; present with no keys = defaults.") Optional<Http> http) {}

  /** OTLP/gRPC. */
  public record Grpc(
      @Key(doc = "host:port to listen on; port 0 = any free port.", value = "127.0.0.1:4317") String endpoint,
      @Key(doc = "Most bytes of one message as it arrives (compressed, if it is).",
          value = "16MiB", min = 1024, max = LIMIT) Size maxRecvMsgSize,
      @Key(doc = "The same in MiB, as the OpenTelemetry Collector spells it; wins over max_recv_msg_size.",
          min = 1, max = 256) Optional<Integer> maxRecvMsgSizeMib,
      @Key(doc = "Most calls in flight on one connection.", value = "512", min = 1) int maxConcurrentStreams,
      @Key(doc = "Most open connections; more are closed at once.", value = "4096", min = 1) int maxConnections,
      @Key(doc = "When idle or dead connections are found and closed.") Keepalive keepalive,
      @Key(doc = "Certificate of the server, and of clients (mTLS); absent = plain text.") Optional<ServerTls> tls,
      @Key(doc = "Which clients may send; absent = all.") Optional<ServerAuth> auth) {
    static final Grpc DEFAULT = new Grpc("127.0.0.1:4317", new Size(16 << 20), Optional.empty(), 512, 4096,
        new Keepalive(ServerParameters.DEFAULT, EnforcementPolicy.DEFAULT), Optional.empty(), Optional.empty());

    /** Plain text, for every client. */
    public Grpc(String endpoint, Size maxRecvMsgSize, Optional<Integer> maxRecvMsgSizeMib, int maxConcurrentStreams,
        int maxConnections, Keepalive keepalive) {
      this(endpoint, maxRecvMsgSize, maxRecvMsgSizeMib, maxConcurrentStreams, maxConnections, keepalive,
          Optional.empty(), Optional.empty());
    }

    Grpc with(Optional<ServerTls> certificates, Optional<ServerAuth> clients) {
      return new Grpc(endpoint, maxRecvMsgSize, maxRecvMsgSizeMib, maxConcurrentStreams, maxConnections, keepalive,
          certificates, clients);
    }

    int messageLimit() {
      return maxRecvMsgSizeMib.map(mib -> mib << 20).orElseGet(() -> Math.toIntExact(maxRecvMsgSize.bytes()));
    }
  }

  /** HTTP/2 keepalive of the gRPC server. */
  public record Keepalive(
      @Key(doc = "What the server does.") ServerParameters serverParameters,
      @Key(doc = "What clients may do.") EnforcementPolicy enforcementPolicy) {}

  /** What the server does to keep connections alive or end them. */
  public record ServerParameters(
      @Key(doc = "Close a connection without calls after this long; absent = never.", min = 1)
      Optional<Duration> maxConnectionIdle,
      @Key(doc = "Close a connection after this long, so that clients spread anew; absent = never.", min = 1)
      Optional<Duration> maxConnectionAge,
      @Key(doc = "How long calls may go on after max_connection_age; absent = until they end.", min = 1)
      Optional<Duration> maxConnectionAgeGrace,
      @Key(doc = "Ping a peer that was silent this long.", value = "2h", min = 1) Duration time,
      @Key(doc = "Close the connection if a ping is not answered in this time.", value = "20s", min = 1)
      Duration timeout) {
    static final ServerParameters DEFAULT = new ServerParameters(Optional.empty(), Optional.empty(), Optional.empty(),
        Duration.ofHours(2), Duration.ofSeconds(20));
  }

  /** Pings that clients may send; one that sends more is disconnected. */
  public record EnforcementPolicy(
      @Key(doc = "Least time between a client's pings.", value = "5m", min = 0) Duration minTime,
      @Key(doc = "Whether a client may ping without a call in flight.", value = "false") boolean permitWithoutStream) {
    static final EnforcementPolicy DEFAULT = new EnforcementPolicy(Duration.ofMinutes(5), false);
  }

  /** OTLP/HTTP: protobuf and JSON over HTTP/1.1. */
  public record Http(
      @Key(doc = "host:port to listen on; port 0 = any free port.", value = "127.0.0.1:4318") String endpoint,
      @Key(doc = "Most bytes of one body as it arrives (compressed, if it is).",
          value = "16MiB", min = 1024, max = LIMIT) Size maxRequestBodySize,
      @Key(doc = "Path of traces.", value = "/v1/traces") String tracesUrlPath,
      @Key(doc = "Path of metrics.", value = "/v1/metrics") String metricsUrlPath,
      @Key(doc = "Path of logs.", value = "/v1/logs") String logsUrlPath,
      @Key(doc = "Longest time from a request's first byte to its last.", value = "30s", min = 1_000_000)
      Duration readTimeout,
      @Key(doc = "Close a connection that sends no request for this long.", value = "2m", min = 1_000_000)
      Duration idleTimeout,
      @Key(doc = "Most open connections; more are closed at once.", value = "4096", min = 1) int maxConnections,
      @Key(doc = "Certificate of the server, and of clients (mTLS); absent = plain text.") Optional<ServerTls> tls,
      @Key(doc = "Which clients may send; absent = all.") Optional<ServerAuth> auth) {
    static final Http DEFAULT = new Http("127.0.0.1:4318", new Size(16 << 20), "/v1/traces", "/v1/metrics",
        "/v1/logs", Duration.ofSeconds(30), Duration.ofMinutes(2), 4096, Optional.empty(), Optional.empty());

    public Http {
      checkPath("traces_url_path", tracesUrlPath);
      checkPath("metrics_url_path", metricsUrlPath);
      checkPath("logs_url_path", logsUrlPath);
      if (tracesUrlPath.equals(metricsUrlPath) || tracesUrlPath.equals(logsUrlPath)
          || metricsUrlPath.equals(logsUrlPath)) {
        throw new InvalidConfig("protocols.http", "three different paths for traces, metrics and logs");
      }
    }

    /** Plain text, for every client. */
    public Http(String endpoint, Size maxRequestBodySize, String tracesUrlPath, String metricsUrlPath,
        String logsUrlPath, Duration readTimeout, Duration idleTimeout, int maxConnections) {
      this(endpoint, maxRequestBodySize, tracesUrlPath, metricsUrlPath, logsUrlPath, readTimeout, idleTimeout,
          maxConnections, Optional.empty(), Optional.empty());
    }

    Http with(Optional<ServerTls> certificates, Optional<ServerAuth> clients) {
      return new Http(endpoint, maxRequestBodySize, tracesUrlPath, metricsUrlPath, logsUrlPath, readTimeout,
          idleTimeout, maxConnections, certificates, clients);
    }

    private static void checkPath(String key, String path) {
      if (!path.startsWith("/") || path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
        throw new InvalidConfig("protocols.http." + key, "a path that starts with / and has no ? or #");
      }
    }
  }
}
