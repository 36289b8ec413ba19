package io.mop.exporters.otlp;

import io.grpc.Metadata;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The configured headers, checked here: libraries show values that they cannot send. */
final class Headers {
  /** Names that belong to HTTP itself. */
  private static final Set<String> OF_HTTP =
      Set.of("connection", "content-encoding", "content-length", "content-type", "expect", "host", "te", "trailer",
          "transfer-encoding", "upgrade");

  /** Names that belong to HTTP/2 and gRPC themselves. */
  private static final Set<String> OF_GRPC =
      Set.of("connection", "content-length", "content-type", "host", "te", "transfer-encoding", "user-agent");

  private Headers() {}

  static HttpHeaders http(Map<String, Secret> configured) {
    HttpHeaders headers = new DefaultHttpHeaders();
    configured.forEach((name, value) -> {
      if (OF_HTTP.contains(name.toLowerCase(Locale.ROOT)) || !name.matches("[0-9A-Za-z!#$%&'*+.^_`|~-]+")
          || !isText(value)) {
        throw new InvalidConfig("headers." + name, "a header that may be set, its name and value as HTTP allows them");
      }
      headers.set(name, value.reveal());
    });
    return headers;
  }

  static Metadata grpc(Map<String, Secret> configured) {
    Metadata metadata = new Metadata();
    configured.forEach((name, value) -> {
      String lower = name.toLowerCase(Locale.ROOT);
      boolean binary = lower.endsWith(Metadata.BINARY_HEADER_SUFFIX);
      if (OF_GRPC.contains(lower) || lower.startsWith("grpc-") || !lower.matches("[0-9a-z_.-]+")
          || !binary && !isText(value)) {
        throw new InvalidConfig("headers." + name, "a header that may be set, its name and value as gRPC allows them");
      }
      if (binary) {
        byte[] bytes = value.reveal().getBytes(StandardCharsets.UTF_8);
        metadata.put(Metadata.Key.of(lower, Metadata.BINARY_BYTE_MARSHALLER), bytes);
      } else {
        metadata.put(Metadata.Key.of(lower, Metadata.ASCII_STRING_MARSHALLER), value.reveal());
      }
    });
    return metadata;
  }

  private static boolean isText(Secret value) {
    return value.reveal().matches("[\\x20-\\x7e]*");
  }
}
