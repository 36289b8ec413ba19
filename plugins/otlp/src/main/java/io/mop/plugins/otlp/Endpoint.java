package io.mop.plugins.otlp;

import io.mop.api.plugin.InvalidConfig;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;

/** {@code host:port}, {@code [v6]:port} or {@code :port} (all addresses), with the key it came from. */
record Endpoint(String key, InetSocketAddress address) {
  private static final String EXPECTED =
      "host:port with a port of 0 to 65535, e.g. 127.0.0.1:4317, [::1]:4317 or :4317 for all addresses";

  static Endpoint of(String key, String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) throw new InvalidConfig(key, EXPECTED + "; '" + text + "' has no port");
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0 || host.indexOf('/') >= 0) {
      throw new InvalidConfig(key, EXPECTED + ", not '" + text + "'");
    }
    int port = port(key, text.substring(colon + 1));
    InetSocketAddress address = host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    if (address.isUnresolved()) throw new InvalidConfig(key, "a host name that resolves; '" + host + "' does not");
    return new Endpoint(key, address);
  }

  private static int port(String key, String digits) {
    try {
      int port = Integer.parseInt(digits);
      if (port >= 0 && port <= 0xFFFF) return port;
    } catch (NumberFormatException e) {
      // told below
    }
    throw new InvalidConfig(key, EXPECTED + ", not port '" + digits + "'");
  }

  /** Why listening here failed, as an error about the configuration. */
  InvalidConfig failed(Throwable failure) {
    String where = text(address);
    if (inUse(failure)) {
      return new InvalidConfig(key, "an address that is free: " + where + " is in use by "
          + PortHolder.find(address).orElse("another process") + "; stop it or change " + key);
    }
    return new InvalidConfig(key, "an address this process may listen on: " + where + ": " + reason(failure));
  }

  /** E.g. {@code 127.0.0.1:4317} or {@code [0:0:0:0:0:0:0:1]:4317}. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
  }

  private static boolean inUse(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      boolean bind = t instanceof BindException || t instanceof IOException;
      if (bind && String.valueOf(t.getMessage()).contains("Address already in use")) return true;
    }
    return false;
  }

  private static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) root = root.getCause();
    return String.valueOf(root.getMessage());
  }
}
