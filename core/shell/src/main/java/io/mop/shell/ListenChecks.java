package io.mop.shell;

import static io.mop.control.Checks.Check.fail;
import static io.mop.control.Checks.Check.ok;
import static io.mop.control.Checks.Check.warn;

import io.mop.api.plugin.Provides.Kind;
import io.mop.control.Checks.Check;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Topology;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether receivers could listen where the configuration says. */
final class ListenChecks {
  /** As in the OpenTelemetry Collector, of a receiver {@code otlp} that names no protocol. */
  private static final List<String> OTLP = List.of("127.0.0.1:4317", "127.0.0.1:4318");

  private ListenChecks() {}

  /** The texts {@code endpoint} in the configuration of a receiver. */
  static Set<String> endpoints(Topology.Component receiver, PluginCatalog catalog) throws ConfigError {
    Set<String> found = new LinkedHashSet<>();
    Optional<PluginType> type = catalog.find(Kind.RECEIVER, receiver.type());
    if (type.isPresent()) collect(receiver.binding().bind(type.get().plugin().config()), found);
    if (found.isEmpty() && receiver.type().equals("otlp")) found.addAll(OTLP);
    return found;
  }

  private static void collect(Object value, Set<String> found) {
    if (value instanceof Optional<?> optional) optional.ifPresent(v -> collect(v, found));
    if (value instanceof List<?> list) list.forEach(v -> collect(v, found));
    if (!(value instanceof Record)) return;
    for (RecordComponent c : value.getClass().getRecordComponents()) {
      Object inner;
      try {
        c.getAccessor().setAccessible(true);
        inner = c.getAccessor().invoke(value);
      } catch (ReflectiveOperationException | RuntimeException e) {
        continue; // not to be looked at: its receiver will say
      }
      Object plain = inner instanceof Optional<?> o ? o.orElse(null) : inner;
      if (c.getName().equals("endpoint") && plain instanceof String text) found.add(text);
      else collect(inner, found);
    }
  }

  /**
   * Binds and gives back at once.
   *
   * @param running whether a MOP runs, which may be the one that listens
   */
  static Check port(String receiver, String endpoint, boolean running) {
    String name = "port of " + receiver;
    int colon = endpoint.lastIndexOf(':');
    try {
      int port = Integer.parseInt(endpoint.substring(colon + 1));
      String host = endpoint.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", "");
      if (port == 0) return ok(name, endpoint + ": any free one");
      InetSocketAddress address =
          host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(InetAddress.getByName(host), port);
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(address);
      }
      return ok(name, endpoint + " is free");
    } catch (IOException e) {
      String what = endpoint + ": " + e.getMessage();
      return running
          ? warn(name, what + "; a MOP is running, perhaps it listens there")
          : fail(name, what + "; \"ss -ltnp\" shows who listens, ports below 1024 take CAP_NET_BIND_SERVICE");
    } catch (IllegalArgumentException e) {
      return ok(name, endpoint + " is not host:port");
    }
  }
}
