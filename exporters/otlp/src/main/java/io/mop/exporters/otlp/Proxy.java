package io.mop.exporters.otlp;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The HTTP proxy on the way to a peer: that of {@code proxy_url}, for every peer; else that of HTTP_PROXY or
 * HTTPS_PROXY, for peers that NO_PROXY does not name, with the rules of Go's {@code golang.org/x/net/http/httpproxy},
 * which the collector uses.
 *
 * @param host IPv6 addresses without brackets
 * @param login the URL's user and password
 */
record Proxy(String host, int port, Optional<Login> login) {
  /** Of HTTP's basic authentication. */
  record Login(String user, Secret password) {
    /** RFC 7617, in UTF-8: what {@code Proxy-Authorization} has. */
    Secret basic() {
      byte[] both = (user + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
      return new Secret("Basic " + Base64.getEncoder().encodeToString(both));
    }
  }

  private static final String EXPECTED = "an http URL such as http://proxy:3128 or http://user:password@proxy:3128";

  /** @param url not shown in an error: it may hold a password */
  static Proxy of(Secret url) {
    return parse(url.reveal(), EXPECTED);
  }

  /**
   * The proxy that the environment names for a peer.
   *
   * @param tls whether HTTPS_PROXY is asked, or HTTP_PROXY; lower case counts too
   */
  static Optional<Proxy> of(Map<String, String> environment, boolean tls, Origin peer) {
    String name = tls ? "HTTPS_PROXY" : "HTTP_PROXY";
    String url = variable(environment, name);
    if (url.isBlank() || isLoopback(peer.host()) || isExcepted(variable(environment, "NO_PROXY"), peer)) {
      return Optional.empty();
    }
    String whole = url.contains("://") ? url : "http://" + url;
    return Optional.of(parse(whole, EXPECTED + " here, or in the environment's " + name + ", which has another one"));
  }

  String hostPort() {
    return new Origin(false, host, port).hostPort();
  }

  private static String variable(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(name, "");
    return (upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper).strip();
  }

  private static Proxy parse(String text, String expected) {
    URI url;
    try {
      url = new URI(text);
    } catch (URISyntaxException e) {
      // Its message shows the whole.
      throw new InvalidConfig("proxy_url", expected);
    }
    if (!"http".equalsIgnoreCase(url.getScheme()) || url.getHost() == null || url.getPort() == 0
        || url.getPort() > 65_535 || url.getRawQuery() != null || url.getRawFragment() != null
        || !url.getRawPath().isEmpty() && !url.getRawPath().equals("/")) {
      throw new InvalidConfig("proxy_url", expected);
    }
    Origin at = Origin.of(url);
    return new Proxy(at.host(), at.port(), Optional.ofNullable(url.getRawUserInfo()).map(Proxy::login));
  }

  private static Login login(String userInfo) {
    String[] parts = userInfo.split(":", 2);
    return new Login(decoded(parts[0]), new Secret(parts.length < 2 ? "" : decoded(parts[1])));
  }

  /** '+' is itself in a URL's user and password, not a blank. */
  private static String decoded(String escaped) {
    return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  static boolean isLoopback(String host) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    if (address == null) return host.equalsIgnoreCase("localhost");
    byte[] ipv6 = new byte[16];
    ipv6[15] = 1;
    return address.length == 4 ? address[0] == 127 : Arrays.equals(address, ipv6);
  }

  /** By a comma-separated list of hosts, domains, addresses and networks, each but the last kind with or without port. */
  private static boolean isExcepted(String list, Origin peer) {
    for (String entry : list.toLowerCase(Locale.ROOT).split(",")) {
      if (excepts(entry.strip(), peer.host().toLowerCase(Locale.ROOT), peer.port())) return true;
    }
    return false;
  }

  private static boolean excepts(String entry, String host, int port) {
    if (entry.isEmpty()) return false;
    if (entry.equals("*")) return true;
    byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
    int slash = entry.indexOf('/');
    if (slash >= 0) return address != null && inNetwork(entry.substring(0, slash), entry.substring(slash + 1), address);
    String name = entry;
    byte[] exceptedAddress = NetUtil.createByteArrayFromIpAddressString(entry);
    int colon = entry.lastIndexOf(':');
    if (exceptedAddress == null && colon > 0) {
      if (!entry.substring(colon + 1).equals(Integer.toString(port))) return false;
      name = entry.substring(0, colon);
      exceptedAddress = NetUtil.createByteArrayFromIpAddressString(name);
    }
    if (exceptedAddress != null) return Arrays.equals(exceptedAddress, address);
    if (name.startsWith("*.")) name = name.substring(1);
    // "example.org" is the host and what is below it; ".example.org" only what is below it.
    return name.startsWith(".") ? host.endsWith(name) : host.equals(name) || host.endsWith("." + name);
  }

  private static boolean inNetwork(String network, String length, byte[] address) {
    byte[] prefix = NetUtil.createByteArrayFromIpAddressString(network);
    if (prefix == null || prefix.length != address.length || !length.matches("\\d{1,3}")) return false;
    int bits = Integer.parseInt(length);
    if (bits > 8 * prefix.length) return false;
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> i % 8;
      if ((prefix[i / 8] & mask) != (address[i / 8] & mask)) return false;
    }
    return true;
  }
}
