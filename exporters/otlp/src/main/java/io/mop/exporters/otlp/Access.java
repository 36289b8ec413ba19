package io.mop.exporters.otlp;

import io.mop.api.net.ClientCredentials;
import io.mop.api.net.ClientTls;
import io.mop.api.net.ReloadingTls;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Config;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** Why a peer and this exporter trust each other: TLS and credentials, of files that may change. */
final class Access {
  private final ClientTls settings;
  private final Optional<ReloadingTls> tls;
  private final Optional<ClientCredentials> credentials;

  /** @param tls whether a peer is spoken to with TLS */
  Access(Config config, boolean tls, Context context) {
    settings = config.tls().orElse(ClientTls.DEFAULT);
    this.tls = tls ? Optional.of(ReloadingTls.client("tls", settings, context)) : Optional.empty();
    if (config.auth().isPresent() && config.headers().keySet().stream().anyMatch("authorization"::equalsIgnoreCase)) {
      throw new InvalidConfig("auth", "no auth beside headers: { authorization: … }");
    }
    credentials = config.auth().map(a -> ClientCredentials.of("auth", Optional.of(a), Map.of(), context));
  }

  /** With certificates as the files have them when a connection is made. */
  Optional<SSLContext> sslContext() {
    return tls.map(ReloadingTls::sslContext);
  }

  /** Makes what encrypts a connection to {@code peer}; empty = plain text. */
  Optional<Supplier<SSLEngine>> engines(Origin peer) {
    if (!peer.tls()) return Optional.empty();
    SSLContext context = sslContext().orElseThrow();
    return Optional.of(() -> {
      SSLEngine engine = context.createSSLEngine(peer.host(), peer.port());
      engine.setUseClientMode(true);
      return engine;
    });
  }

  /** Empty = the runtime's. */
  List<String> cipherSuites() {
    return settings.cipherSuites();
  }

  Optional<String> serverName() {
    return settings.serverNameOverride();
  }

  /** Who may have signed the peer's certificate, for messages. */
  String trusted() {
    if (settings.caFile().isPresent()) return settings.caFile().get();
    return settings.caPem().isPresent() ? "a certificate of tls: { ca_pem }" : "an authority that the Java runtime trusts";
  }

  /** What {@code authorization} is now; empty = not configured here. */
  Optional<Secret> authorization() {
    return credentials.map(c -> c.headers().get("authorization"));
  }

  /**
   * The outcome of an answer that refuses the credentials: the batch is kept and sent again, since an operator will
   * renew them, and a file is looked at at once. Without {@code auth} the answer is the specification's: final.
   */
  Verdict refused(Verdict verdict) {
    if (credentials.isEmpty()) return verdict;
    credentials.get().reread();
    return Verdict.retry("the peer does not take the credentials of auth, which are sent again: " + verdict.why());
  }
}
