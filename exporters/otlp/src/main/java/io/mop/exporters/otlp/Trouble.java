package io.mop.exporters.otlp;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Says why a request did not reach its peer, in one sentence that tells who must change what.
 *
 * @param peer host:port
 * @param trusted who may have signed the peer's certificate, e.g. {@code ca.pem}
 * @param proxy that connections are made to
 */
record Trouble(String peer, String trusted, Optional<Proxy> proxy) {
  private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");
  /** Of grpc-java, for an answer that is not HTTP/2. */
  private static final Pattern FIRST_BYTES = Pattern.compile("Hex dump for first 5 bytes: (\\w+)");
  private static final String SAY_TLS = "use an https scheme, or host:port without tls: { insecure: true }";
  private static final Pattern PROXY_STATUS = Pattern.compile("status: (\\d{3}.*)");

  String why(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return tunnel(causes).or(() -> tls(causes)).or(() -> network(causes)).or(() -> protocol(causes))
        .orElseGet(() -> words(causes));
  }

  /** The peer ended the connection without a word. */
  String closed(boolean tls) {
    return peer + " closed the connection" + (tls ? "" : "; if it expects TLS: " + SAY_TLS);
  }

  /** The outermost first. */
  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) causes.add(t);
    return causes;
  }

  private Optional<String> tls(List<Throwable> causes) {
    String certificate = "the certificate of " + peer;
    for (Throwable t : causes) {
      String said = said(t);
      if (t instanceof NotSslRecordException || said.contains("Unsupported or unrecognized SSL message")) {
        return Optional.of(peer + " does not speak TLS; for plain text set tls: { insecure: true } and no https scheme");
      }
      if (t instanceof CertificateExpiredException) {
        return Optional.of(certificate + " has expired: " + said);
      }
      if (t instanceof CertificateNotYetValidException) {
        return Optional.of(certificate + " is not valid yet: " + said);
      }
      if (said.startsWith("No subject alternative") || said.startsWith("No name matching")) {
        return Optional.of(certificate + " is for another name: " + said + "; tls: { server_name_override: … } names it");
      }
      Matcher alert = ALERT.matcher(said);
      if (t instanceof SSLException && alert.find()) return Optional.of(alert(alert.group(1)));
    }
    for (Throwable t : causes) {
      boolean path = t.getClass().getSimpleName().equals("SunCertPathBuilderException")
          || t instanceof CertPathValidatorException || said(t).startsWith("PKIX path");
      if (path) {
        return Optional.of(certificate + " is not signed by " + trusted + ": " + said(causes.get(causes.size() - 1)));
      }
    }
    for (Throwable t : causes) {
      if (t instanceof SslHandshakeTimeoutException) {
        return Optional.of(peer + " does not answer the TLS handshake; does it speak TLS?");
      }
      if (t instanceof SSLException) {
        return Optional.of("no TLS connection to " + peer + ": " + said(causes.get(causes.size() - 1)));
      }
    }
    return Optional.empty();
  }

  private String alert(String name) {
    return switch (name) {
      case "certificate_required", "bad_certificate", "certificate_unknown", "unknown_ca", "certificate_expired",
          "certificate_revoked", "unsupported_certificate", "access_denied" ->
          peer + " does not take the client certificate of tls: { cert_file, key_file }, or misses one: " + name;
      case "protocol_version", "handshake_failure", "insufficient_security" ->
          peer + " and this exporter have no TLS version or cipher suite in common, or it misses a client certificate: "
              + name;
      case "unrecognized_name" ->
          peer + " has no certificate for the name asked for; tls: { server_name_override: … } asks for another: " + name;
      default -> "no TLS connection to " + peer + ": its alert is " + name;
    };
  }

  private Optional<String> tunnel(List<Throwable> causes) {
    for (Throwable t : causes) {
      if (!(t instanceof ProxyConnectException)) continue;
      Matcher status = PROXY_STATUS.matcher(said(t));
      if (status.find()) return Optional.of("the proxy makes no tunnel to " + peer + ": it answers " + status.group(1));
      if (said(t).contains("timeout")) return Optional.of("the proxy makes no tunnel to " + peer + ": it does not answer");
    }
    return Optional.empty();
  }

  private Optional<String> network(List<Throwable> causes) {
    for (Throwable t : causes) {
      String said = said(t);
      if (t instanceof UnknownHostException || t instanceof UnresolvedAddressException) {
        return connecting("unknown host" + (said.isEmpty() ? "" : " " + said.split(":")[0]));
      }
      if (t instanceof ConnectTimeoutException) return connecting("no connection in time");
      if (t instanceof NoRouteToHostException) return connecting("no route to the host");
      if (t instanceof ConnectException && said.toLowerCase(Locale.ROOT).contains("refused")) {
        return connecting("connection refused");
      }
      if (t instanceof ClosedChannelException) return Optional.of("the peer closed the connection");
    }
    return Optional.empty();
  }

  private Optional<String> connecting(String what) {
    return Optional.of(proxy.map(p -> "the proxy " + p.hostPort() + ": ").orElse("") + what);
  }

  /** What the peer speaks instead of HTTP/2. */
  private Optional<String> protocol(List<Throwable> causes) {
    for (Throwable t : causes) {
      Matcher first = FIRST_BYTES.matcher(said(t));
      if (!first.find()) continue;
      if (first.group(1).startsWith("15")) {
        return Optional.of(peer + " expects TLS: " + SAY_TLS);
      }
      if (first.group(1).startsWith("48545450")) {
        return Optional.of(peer + " speaks HTTP/1.1 and no gRPC; protocol: http says so");
      }
    }
    return Optional.empty();
  }

  private static String words(List<Throwable> causes) {
    Throwable last = causes.get(causes.size() - 1);
    return said(last).isEmpty() ? last.getClass().getSimpleName() : Verdict.printable(said(last));
  }

  private static String said(Throwable t) {
    return t.getMessage() == null ? "" : t.getMessage();
  }
}
