package io.mop.exporters.otlp;

import java.net.URI;

/**
 * Whom connections lead to.
 *
 * @param host IPv6 addresses without brackets
 */
record Origin(boolean tls, String host, int port) {
  /** @param url http or https with a host */
  static Origin of(URI url) {
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    return of(tls, url);
  }

  /** @param url with a host; without a port it is that of http or https */
  static Origin of(boolean tls, URI url) {
    int port = url.getPort() < 0 ? tls ? 443 : 80 : url.getPort();
    String host = url.getHost();
    return new Origin(tls, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
  }

  /**
   * As a key of maps: on Java 17 the equality of a record is remembered with its class by the runtime, which would keep
   * a replaced bundle in memory.
   */
  String key() {
    return (tls ? "https://" : "http://") + hostPort();
  }

  String hostPort() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
