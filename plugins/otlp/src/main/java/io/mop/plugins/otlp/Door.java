package io.mop.plugins.otlp;

import io.mop.api.net.ReloadingTls;
import io.mop.api.net.ServerAuth;
import io.mop.api.net.ServerCredentials;
import io.mop.api.net.ServerTls;
import io.mop.api.plugin.Context;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** Who may come in to one server: its TLS and its credentials, if any. */
final class Door {
  static final Answer UNAUTHENTICATED = new Answer(Answer.Outcome.UNAUTHENTICATED,
      "no valid credentials: the authorization header is missing or not accepted");
  private static final System.Logger LOG = System.getLogger(Door.class.getName());

  private final String id;
  private final Optional<ReloadingTls> tls;
  private final Optional<ServerCredentials> credentials;
  private final boolean suites;
  private final Context.Counter failed;
  private final Context.Counter malformed;

  /** @param key of the server, e.g. {@code protocols.grpc} */
  Door(String key, Optional<ServerTls> tls, Optional<ServerAuth> auth, Context context) {
    id = context.id();
    this.tls = tls.map(t -> ReloadingTls.server(key + ".tls", t, context));
    credentials = auth.map(a -> ServerCredentials.of(key + ".auth", a, context));
    suites = tls.isPresent() && !tls.get().cipherSuites().isEmpty();
    failed = context.counter("connections_tls_failed", "1",
        "Connections whose TLS handshake failed, or that spoke TLS to a plain port or plain text to TLS");
    malformed = context.counter("connections_malformed", "1", "Connections to a gRPC port that do not speak HTTP/2");
  }

  /** Whether the client behind a request is let in; {@code authorization} empty = none was sent. */
  boolean lets(String authorization) {
    return credentials.isEmpty() || credentials.get().accept(authorization);
  }

  /** Values of {@code WWW-Authenticate}. */
  List<String> challenges() {
    return credentials.map(ServerCredentials::challenges).orElse(List.of());
  }

  boolean encrypted() {
    return tls.isPresent();
  }

  /** For one connection, with the newest certificates. */
  Optional<SSLEngine> engine() {
    return tls.map(t -> {
      SSLEngine engine = t.sslContext().createSSLEngine();
      engine.setUseClientMode(false);
      return engine;
    });
  }

  /** For all connections, with HTTP/2 as the only protocol; each gets the newest certificates. */
  Optional<SslContext> forGrpc() {
    return tls.map(t -> {
      SSLParameters parameters = t.parameters();
      ClientAuth clients = parameters.getNeedClientAuth() ? ClientAuth.REQUIRE : ClientAuth.NONE;
      List<String> ciphers = suites ? List.of(parameters.getCipherSuites()) : Http2SecurityUtil.CIPHERS;
      var http2 = new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.FATAL_ALERT,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, ApplicationProtocolNames.HTTP_2);
      return new JdkSslContext(t.sslContext(), false, ciphers, SupportedCipherSuiteFilter.INSTANCE, http2, clients,
          parameters.getProtocols(), false);
    });
  }

  /** A connection has no TLS where there should be, or the other way round, or a handshake failed. */
  void failed(String why) {
    failed.add(1);
    closed(why);
  }

  /** A connection does not speak the protocol of the port. */
  void malformed(String why) {
    malformed.add(1);
    closed(why);
  }

  private void closed(String why) {
    // No address: the log folds what repeats.
    LOG.log(System.Logger.Level.WARNING, id + ": a connection was closed: " + why);
  }

  /** Why a handshake failed, in the words of the TLS library and without a stack. */
  static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) cause = cause.getCause();
    if (cause instanceof ClosedChannelException) return "the client left during the TLS handshake";
    if (cause instanceof NotSslRecordException) return "the client does not speak TLS";
    return "TLS handshake: " + cause.getMessage();
  }

  /** What to know of a server that others than this machine can reach; empty = nothing. */
  String note(InetAddress address) {
    if (address.isLoopbackAddress()) return "";
    if (tls.isEmpty() && credentials.isEmpty()) return ", open to the network without tls and auth";
    return tls.isEmpty() ? ", open to the network without tls: credentials and data can be read on the way" : "";
  }

  /** Ends what this side sends, with TLS's own end if there is TLS. */
  static void endOutput(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    if (tls == null) {
      ((DuplexChannel) connection).shutdownOutput();
    } else {
      tls.closeOutbound().addListener(f -> ((DuplexChannel) connection).shutdownOutput());
    }
  }
}
