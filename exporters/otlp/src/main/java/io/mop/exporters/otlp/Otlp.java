package io.mop.exporters.otlp;

import io.mop.api.data.Signal;
import io.mop.api.net.ClientAuth;
import io.mop.api.net.ClientTls;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Sends batches to an OTLP receiver, byte for byte as they are. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "otlp")
public final class Otlp implements Plugin<Otlp.Config> {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.otlp");

  /** How the peer is spoken to. */
  public enum Protocol {
    HTTP,
    GRPC
  }

  /** How bodies are compressed. */
  public enum Compression {
    NONE,
    GZIP,
    ZSTD
  }

  /** HTTP/2 pings that find a dead connection; servers end connections that ping more often than they allow. */
  public record Keepalive(
      @Key(doc = "Longest silence on a connection with calls before a ping; servers usually allow no less than 5m.",
          value = "5m", min = 10_000_000_000L) Duration time,
      @Key(doc = "Longest wait for a ping's answer.", value = "20s", min = 1_000_000) Duration timeout,
      @Key(doc = "Pings also while no call is under way.", value = "false") boolean permitWithoutStream) {
    static final Keepalive DEFAULT = new Keepalive(Duration.ofMinutes(5), Duration.ofSeconds(20), false);
  }

  /** The keys of {@code exporters.otlp}, as the OpenTelemetry Collector's otlp and otlphttp have them. */
  public record Config(
      @Key(doc = "grpc or http (HTTP/1.1, protobuf). Default by the endpoint: an http or https URL = http,"
          + " host:port = grpc.") Optional<Protocol> protocol,
      @Key(doc = "With http the base URL of the peer; /v1/traces, /v1/metrics or /v1/logs is appended. With grpc"
          + " host:port, or a URL whose scheme https means TLS.") Optional<String> endpoint,
      @Key(doc = "Whole URL for traces, instead of one made from endpoint; http only.") Optional<String> tracesEndpoint,
      @Key(doc = "Whole URL for metrics, instead of one made from endpoint; http only.")
          Optional<String> metricsEndpoint,
      @Key(doc = "Whole URL for logs, instead of one made from endpoint; http only.") Optional<String> logsEndpoint,
      @Key(doc = "Sent with every request, e.g. authorization.") Map<String, Secret> headers,
      @Key(doc = "Longest time from the start of a request to the end of its answer.", value = "10s", min = 1_000_000)
          Duration timeout,
      @Key(doc = "Default gzip; none on the loopback interface, where bytes cost less than compressing them.")
          Optional<Compression> compression,
      @Key(doc = "Whom to trust and how to be trusted; a host:port endpoint without insecure: true means TLS.")
          Optional<ClientTls> tls,
      @Key(doc = "Credentials sent with every request, instead of an authorization header.") Optional<ClientAuth> auth,
      @Key(doc = "HTTP proxy, http://[user:password@]host:port; absent = as HTTP_PROXY, HTTPS_PROXY and NO_PROXY of"
          + " the environment say.") Optional<Secret> proxyUrl,
      @Key(doc = "Finds dead connections; grpc only.") Optional<Keepalive> keepalive) {

    public Config {
      headers = Map.copyOf(headers);
      proxyUrl.ifPresent(Proxy::of);
      Protocol spoken = protocolFor(protocol, endpoint);
      if (spoken == Protocol.GRPC) {
        tracesEndpoint.ifPresent(url -> wholeUrl("traces_endpoint"));
        metricsEndpoint.ifPresent(url -> wholeUrl("metrics_endpoint"));
        logsEndpoint.ifPresent(url -> wholeUrl("logs_endpoint"));
        if (endpoint.isEmpty()) throw new InvalidConfig("endpoint", "the peer's host:port, e.g. 127.0.0.1:4317");
        peer(endpoint.get(), tls);
      } else {
        if (endpoint.isEmpty() && tracesEndpoint.isEmpty() && metricsEndpoint.isEmpty() && logsEndpoint.isEmpty()) {
          throw new InvalidConfig("endpoint", "the peer's URL, e.g. http://127.0.0.1:4318");
        }
        Optional<ClientTls> given = tls;
        endpoint.ifPresent(
            url -> {
              if (parse("endpoint", url, given).getRawQuery() != null) {
                throw new InvalidConfig("endpoint", "a base URL without a query; traces_endpoint takes a whole URL");
              }
            });
        tracesEndpoint.ifPresent(url -> parse("traces_endpoint", url, given));
        metricsEndpoint.ifPresent(url -> parse("metrics_endpoint", url, given));
        logsEndpoint.ifPresent(url -> parse("logs_endpoint", url, given));
        if (keepalive.isPresent()) throw new InvalidConfig("keepalive", "only with protocol: grpc");
      }
    }

    private static void wholeUrl(String key) {
      throw new InvalidConfig(key, "only with protocol: http; gRPC has one endpoint for all signals");
    }

    /** The key that is given, or what the endpoint looks like. */
    Protocol spoken() {
      return protocolFor(protocol, endpoint);
    }

    private static Protocol protocolFor(Optional<Protocol> given, Optional<String> endpoint) {
      return given.orElse(endpoint.isEmpty() || isUrl(endpoint.get()) ? Protocol.HTTP : Protocol.GRPC);
    }

    private static boolean isUrl(String endpoint) {
      // Other schemes are told apart from host:port so that the error is about URLs.
      return endpoint.contains("://");
    }

    /** The peer, with protocol grpc. */
    Origin grpcPeer() {
      return peer(endpoint.orElseThrow(), tls);
    }

    private static Origin peer(String endpoint, Optional<ClientTls> tls) {
      if (isUrl(endpoint)) {
        URI url = parse("endpoint", endpoint, tls);
        if (!url.getRawPath().isEmpty() && !url.getRawPath().equals("/") || url.getRawQuery() != null) {
          throw new InvalidConfig("endpoint", "no path: gRPC calls have their own, got '" + endpoint + "'");
        }
        return Origin.of(url);
      }
      URI address = URI.create("grpc:///");
      try {
        address = new URI("grpc://" + endpoint);
      } catch (URISyntaxException e) {
        // No host either.
      }
      if (address.getHost() == null || address.getPort() < 1 || address.getPort() > 65_535
          || !address.getRawAuthority().equals(endpoint) || address.getRawUserInfo() != null) {
        throw new InvalidConfig("endpoint", "host:port or a URL, such as tempo:4317 or https://tempo:4317, got '"
            + (endpoint.contains("@") ? "…" : endpoint) + "'");
      }
      return Origin.of(!isPlain(tls), address);
    }

    /** As the collector has it: an authority that is given means TLS all the same. */
    private static boolean isPlain(Optional<ClientTls> tls) {
      return tls.isPresent() && tls.get().insecure() && tls.get().caFile().isEmpty() && tls.get().caPem().isEmpty();
    }

    /** Whether a URL, with protocol http, says https. */
    boolean usesTls() {
      return Arrays.stream(Signal.values()).flatMap(s -> url(s).stream()).anyMatch(url -> Origin.of(url).tls());
    }

    /**
     * The proxy on the way to {@code peer}.
     *
     * @param https whether HTTPS_PROXY is asked, or HTTP_PROXY
     */
    Optional<Proxy> proxy(Map<String, String> environment, boolean https, Origin peer) {
      return proxyUrl.map(Proxy::of).or(() -> Proxy.of(environment, https, peer));
    }

    /** Where a signal goes; empty = nowhere, only other signals' URLs are given. */
    Optional<URI> url(Signal signal) {
      Optional<String> own =
          switch (signal) {
            case TRACES -> tracesEndpoint;
            case METRICS -> metricsEndpoint;
            case LOGS -> logsEndpoint;
          };
      String path = "/v1/" + signal.name().toLowerCase(Locale.ROOT);
      return own.or(() -> endpoint.map(base -> base.replaceAll("/+$", "") + path)).map(URI::create);
    }

    /** The key that is given, or what suits the peer. */
    Compression compressionFor(Origin peer) {
      return compression.orElse(Proxy.isLoopback(peer.host()) ? Compression.NONE : Compression.GZIP);
    }

    private static URI parse(String key, String text, Optional<ClientTls> tls) {
      URI url;
      try {
        url = new URI(text);
      } catch (URISyntaxException e) {
        throw new InvalidConfig(key, "a URL such as http://host:4318, got '" + text + "': " + e.getReason());
      }
      boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
      if (!http || url.getHost() == null || url.getPort() == 0 || url.getPort() > 65_535) {
        throw new InvalidConfig(key, "an http or https URL with a host, such as http://host:4318, got '" + text + "'");
      }
      if (url.getRawUserInfo() != null) {
        throw new InvalidConfig(key, "a URL without user and password; put them into auth: { basic: { username: …, password: … } }");
      }
      if (url.getRawFragment() != null) throw new InvalidConfig(key, "a URL without a fragment (#…)");
      if ("http".equalsIgnoreCase(url.getScheme()) && tls.isPresent() && !isPlain(tls)) {
        throw new InvalidConfig(key, "an https URL, or tls: { insecure: true }, got '" + text + "'");
      }
      return url;
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    if (config.spoken() == Protocol.GRPC) return new GrpcExporter(config, context, System.getenv());
    boolean grpcPort = config.endpoint().map(url -> URI.create(url).getPort()).orElse(-1) == 4317;
    if (config.protocol().isEmpty() && grpcPort) {
      LOG.log(System.Logger.Level.WARNING, context.id() + ": a URL means HTTP, and 4317 is the usual port of OTLP over"
          + " gRPC; say protocol: grpc, or protocol: http");
    }
    return new HttpExporter(config, context, System.getenv());
  }
}
