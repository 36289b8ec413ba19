package io.mop.telemetry;

import io.mop.control.Control;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Serves {@code /metrics}, {@code /healthz} and {@code /readyz} at the address in the framework property {@code
 * mop.telemetry}: {@code HOST:PORT}, or {@code off}. Without the property, as in {@code mop validate}, it is off. Up
 * before the configuration is read, and until the last bundle has stopped.
 */
@Component(immediate = true, service = {})
public final class Telemetry {
  private static final System.Logger LOG = System.getLogger("io.mop.telemetry");
  private static final String CHOOSE =
      "MOP runs without health and metrics; --telemetry or MOP_TELEMETRY names another, or off";
  private final Optional<Endpoint> endpoint;

  @Activate
  public Telemetry(BundleContext context, @Reference Control control, @Reference Metrics metrics) {
    this(Optional.ofNullable(context.getProperty("mop.telemetry")).orElse("off"), control, metrics);
  }

  Telemetry(String address, Control control, Metrics metrics) {
    this.endpoint = address.equals("off") ? Optional.empty() : open(address, pages(new Health(control), metrics));
  }

  private static Map<String, Endpoint.Handler> pages(Health health, Metrics metrics) {
    Endpoint.Handler alive = accept -> answer("alive", health.alive());
    return Map.of(
        "/metrics", accept -> metrics(TextFormat.accepted(accept), metrics),
        "/healthz", alive,
        // where the collector's health_check extension answers unless told otherwise
        "/", alive,
        "/readyz", accept -> answer("ready", health.ready()));
  }

  private static Endpoint.Page metrics(TextFormat format, Metrics metrics) {
    return new Endpoint.Page(200, format.contentType, format.write(metrics.collect()));
  }

  private static Endpoint.Page answer(String key, Health.Answer answer) {
    return new Endpoint.Page(answer.ok() ? 200 : 503, "application/json", answer.json(key));
  }

  private static Optional<Endpoint> open(String address, Map<String, Endpoint.Handler> pages) {
    int colon = address.lastIndexOf(':');
    try {
      String host = address.substring(0, Math.max(0, colon)).replaceAll("^\\[(.*)]$", "$1");
      int port = Integer.parseInt(address.substring(colon + 1));
      if (host.isEmpty() || port < 0 || port > 65535) throw new NumberFormatException();
      InetSocketAddress at = new InetSocketAddress(host, port);
      if (at.isUnresolved()) throw new IOException("there is no host " + host);
      Endpoint endpoint = Endpoint.open(at, pages);
      String shown = (host.contains(":") ? "[" + host + "]" : host) + ":" + endpoint.address().getPort();
      LOG.log(Level.INFO, "Health and metrics are at http://" + shown + "/");
      return Optional.of(endpoint);
    } catch (NumberFormatException e) {
      LOG.log(Level.WARNING, "telemetry: expected HOST:PORT or off, got " + address + ": " + CHOOSE);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "telemetry: cannot listen at " + address + ": " + e.getMessage() + ": " + CHOOSE);
    }
    return Optional.empty();
  }

  /** Where it listens; empty = it does not. */
  Optional<InetSocketAddress> address() {
    return endpoint.map(Endpoint::address);
  }

  @Deactivate
  void close() {
    endpoint.ifPresent(Endpoint::close);
  }
}
