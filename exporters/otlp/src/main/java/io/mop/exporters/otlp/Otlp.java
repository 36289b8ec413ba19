package io.mop.exporters.otlp;

import io.mop.api.data.Signal;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Sends batches to an OTLP receiver, byte for byte as they are. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "otlp")
public final class Otlp implements Plugin<Otlp.Config> {
  /** How the peer is spoken to. */
  public enum Protocol {
    HTTP,
    GRPC
  }

  /** How bodies are compressed. */
  public enum Compression {
    NONE,
    GZIP
  }

  /** The keys of {@code exporters.otlp}; the URLs follow the OpenTelemetry Collector's {@code otlphttp}. */
  public record Config(
      @Key(doc = "http: OTLP over HTTP/1.1 with protobuf bodies.", value = "http") Protocol protocol,
      @Key(doc = "Base URL of the peer; /v1/traces, /v1/metrics or /v1/logs is appended.") Optional<String> endpoint,
      @Key(doc = "Whole URL for traces, instead of one made from endpoint.") Optional<String> tracesEndpoint,
      @Key(doc = "Whole URL for metrics, instead of one made from endpoint.") Optional<String> metricsEndpoint,
      @Key(doc = "Whole URL for logs, instead of one made from endpoint.") Optional<String> logsEndpoint,
      @Key(doc = "Sent with every request, e.g. authorization.") Map<String, Secret> headers,
      @Key(doc = "Longest time from the start of a request to the end of its answer.", value = "10s", min = 1_000_000)
          Duration timeout,
      @Key(doc = "Default gzip; none on the loopback interface, where bytes cost less than compressing them.")
          Optional<Compression> compression) {

    public Config {
      if (protocol == Protocol.GRPC) {
        throw new InvalidConfig(
            "protocol",
            "http: this version does not speak OTLP over gRPC; OTLP receivers take HTTP too, usually on port 4318");
      }
      headers = Map.copyOf(headers);
      if (endpoint.isEmpty() && tracesEndpoint.isEmpty() && metricsEndpoint.isEmpty() && logsEndpoint.isEmpty()) {
        throw new InvalidConfig("endpoint", "the peer's URL, e.g. http://127.0.0.1:4318");
      }
      endpoint.ifPresent(
          url -> {
            if (parse("endpoint", url).getRawQuery() != null) {
              throw new InvalidConfig("endpoint", "a base URL without a query; traces_endpoint takes a whole URL");
            }
          });
      tracesEndpoint.ifPresent(url -> parse("traces_endpoint", url));
      metricsEndpoint.ifPresent(url -> parse("metrics_endpoint", url));
      logsEndpoint.ifPresent(url -> parse("logs_endpoint", url));
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
    Compression compressionFor(URI url) {
      return compression.orElse(isLoopback(url.getHost()) ? Compression.NONE : Compression.GZIP);
    }

    private static boolean isLoopback(String host) {
      return host.equalsIgnoreCase("localhost") || host.matches("127(\\.\\d{1,3}){3}") || host.equals("[::1]");
    }

    private static URI parse(String key, String text) {
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
        throw new InvalidConfig(key, "a URL without user and password; put them into headers: { authorization: … }");
      }
      if (url.getRawFragment() != null) throw new InvalidConfig(key, "a URL without a fragment (#…)");
      return url;
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    return new HttpExporter(config, context, Optional.empty());
  }
}
