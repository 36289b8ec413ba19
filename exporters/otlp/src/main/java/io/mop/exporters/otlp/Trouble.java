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

/** Why a connection did not come about, in one sentence that says who must change what. */
final class Trouble {
  private static final Pattern ALERT = Pattern.compile("fatal alert: (\\w+)");
  /** Of grpc-java, for an answer that is not HTTP/2. */
  private static final Pattern FIRST_BYTES = Pattern.compile("Hex dump for first 5 bytes: (\\w+)");
  private static final Pattern PROXY_STATUS = Pattern.compile("status: (\\d{3}.*)");

  private Trouble() {}

  /**
   * @param peer host:port
   * @param trusted who may have signed the peer's certificate, e.g. {@code ca.pem}
   */
  static String why(Throwable failure, String peer, String trusted) {
    List<Throwable> causes = causes(failure);
    return tls(causes, peer, trusted).or(() -> network(causes, peer)).orElseGet(() -> words(causes));
  }

  /** A failure without TLS. */
  static String why(Throwable failure, String peer) {
    List<Throwable> causes = causes(failure);
    return network(causes, peer).orElseGet(() -> words(causes));
  }

  /** The outermost first. */
  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    for (Throwable t = failure; t != null && !causes.contains(t); t = t.getCause()) causes.add(t);
    return causes;
  }

  private static Optional<String> tls(List<Throwable> causes, String peer, String trusted) {
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
      if (t instanceof SSLException && alert.find()) return Optional.of(alert(alert.group(1), peer));
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

  private static String alert(String name, String peer) {
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

  private static Optional<String> network(List<Throwable> causes, String peer) {
    for (Throwable t : causes) {
      String said = said(t);
      Matcher first = FIRST_BYTES.matcher(said);
      if (first.find()) {
        if (first.group(1).startsWith("15")) {
          return Optional.of(peer + " expects TLS: an https scheme, or host:port without tls: { insecure: true }");
        }
        if (first.group(1).startsWith("48545450")) {
          return Optional.of(peer + " speaks HTTP/1.1 and no gRPC; protocol: http says so");
        }
      }
      if (t instanceof ProxyConnectException) {
        Matcher status = PROXY_STATUS.matcher(said);
        String what = status.find() ? "answers " + status.group(1) : said.contains("timeout") ? "does not answer" : said;
        return Optional.of("the proxy makes no tunnel to " + peer + ": it " + what);
      }
      if (t instanceof UnknownHostException || t instanceof UnresolvedAddressException) {
        return Optional.of("unknown host" + (said.isEmpty() ? "" : " " + said.split(":")[0]));
      }
      if (t instanceof ConnectTimeoutException) return Optional.of("no connection in time");
      if (t instanceof NoRouteToHostException) return Optional.of("no route to the host");
      if (t instanceof ConnectException && said.toLowerCase(Locale.ROOT).contains("refused")) return Optional.of("connection refused");
      if (t instanceof ClosedChannelException) return Optional.of("the peer closed the connection");
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
