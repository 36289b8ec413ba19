package io.mop.api.net;

import io.mop.api.net.Reloading.Source;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * The {@code SSLContext} of a configuration, with certificates that are read again when their files change: the files
 * are looked at when a connection is made, at most once in {@code reload_interval}. New connections use what the files
 * hold; open ones stay. Files that cannot be used leave the old certificates in place; the part is unhealthy with the
 * reason until they can, and counts {@code credential_reloads} and {@code credential_reload_failures}. Thread-safe.
 */
public final class ReloadingTls {
  private final SSLContext context;
  private final SSLParameters parameters;

  private ReloadingTls(Reloading<SSLContext> contexts, SSLParameters parameters) {
    this.parameters = parameters;
    context = SwitchingContext.of(contexts::get, parameters);
  }

  /**
   * For a server.
   *
   * @param key of the section, e.g. {@code protocols.grpc.tls}; precedes the key in errors
   * @throws InvalidConfig if a file cannot be read or used
   */
  public static ReloadingTls server(String key, ServerTls tls, Context context) {
    Files files = new Files(key);
    int cert = files.add("cert_file", tls.certFile(), tls.certPem());
    int own = files.add("key_file", tls.keyFile(), tls.keyPem().map(Secret::reveal));
    int clients = files.add("client_ca_file", tls.clientCaFile(), Optional.empty());
    SSLParameters parameters = parameters(key, tls.minVersion(), tls.maxVersion(), tls.cipherSuites());
    parameters.setNeedClientAuth(tls.clientCaFile().isPresent());
    return new ReloadingTls(new Reloading<>(files.sources, texts -> {
      KeyManager[] keys = {files.identity(texts, cert, own)};
      TrustManager[] trust = clients < 0 ? null : Trust.in(files.certificates(texts, clients), false);
      return SwitchingContext.plain(keys, trust);
    }, tls.reloadInterval(), context), parameters);
  }

  /**
   * For a client; {@code insecure} is the caller's.
   *
   * @param key of the section, e.g. {@code tls}; precedes the key in errors
   * @throws InvalidConfig if a file cannot be read or used
   */
  public static ReloadingTls client(String key, ClientTls tls, Context context) {
    Files files = new Files(key);
    int cert = files.add("cert_file", tls.certFile(), tls.certPem());
    int own = files.add("key_file", tls.keyFile(), tls.keyPem().map(Secret::reveal));
    int issuers = files.add("ca_file", tls.caFile(), tls.caPem());
    SSLParameters parameters = parameters(key, tls.minVersion(), tls.maxVersion(), tls.cipherSuites());
    if (!tls.insecureSkipVerify()) parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.serverNameOverride().ifPresent(name -> parameters.setServerNames(List.of(serverName(key, name))));
    return new ReloadingTls(new Reloading<>(files.sources, texts -> {
      KeyManager[] keys = cert < 0 ? null : new KeyManager[] {files.identity(texts, cert, own)};
      TrustManager[] trust = null;
      if (tls.insecureSkipVerify()) trust = Trust.anyone();
      else if (issuers >= 0) trust = Trust.in(files.certificates(texts, issuers), tls.includeSystemCaCertsPool());
      return SwitchingContext.plain(keys, trust);
    }, tls.reloadInterval(), context), parameters);
  }

  /**
   * Makes engines with the newest certificates and {@link #parameters} already set; on a socket the caller sets them.
   * One object for the life of the part: keep it, and give it to whatever takes an {@code SSLContext}.
   */
  public SSLContext sslContext() {
    return context;
  }

  /** A copy: versions, cipher suites, client authentication of a server, host name check and name of a client. */
  public SSLParameters parameters() {
    return SwitchingContext.copy(parameters);
  }

  private static SSLParameters parameters(String key, String min, Optional<String> max, List<String> suites) {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(TlsFiles.protocols(min, max));
    List<String> known = List.of(SwitchingContext.plain(null, null).getSupportedSSLParameters().getCipherSuites());
    for (String suite : suites) {
      if (!known.contains(suite)) {
        throw new InvalidConfig(key + ".cipher_suites", "cipher suites this runtime has; it has no '" + suite + "'");
      }
    }
    if (!suites.isEmpty()) parameters.setCipherSuites(suites.toArray(String[]::new));
    return parameters;
  }

  private static SNIHostName serverName(String key, String name) {
    try {
      return new SNIHostName(name);
    } catch (IllegalArgumentException e) {
      throw new InvalidConfig(key + ".server_name_override", "a host name");
    }
  }

  /** The texts a context is made of: those of files, and those of the configuration itself. */
  private static final class Files {
    private record Place(String key, int source, String text) {}

    private final String key;
    private final List<Source> sources = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();

    Files(String key) {
      this.key = key;
    }

    /** Returns a number for the methods below, negative if there is neither. */
    int add(String name, Optional<String> file, Optional<String> text) {
      String full = key + '.' + (file.isPresent() ? name : name.replace("_file", "_pem"));
      if (file.isPresent()) {
        sources.add(Source.of(full, file.get()));
        places.add(new Place(full, sources.size() - 1, ""));
      } else if (text.isPresent()) {
        places.add(new Place(full, -1, text.get()));
      } else {
        return -1;
      }
      return places.size() - 1;
    }

    private String text(List<String> texts, Place p) {
      return p.source() < 0 ? p.text() : texts.get(p.source());
    }

    private InvalidConfig invalid(Place p, String expected) {
      String where = p.source() < 0 ? "" : " (" + sources.get(p.source()).path() + ")";
      return new InvalidConfig(p.key(), expected + where);
    }

    List<X509Certificate> certificates(List<String> texts, int place) {
      Place p = places.get(place);
      try {
        return Pem.certificates(text(texts, p));
      } catch (Pem.Unusable e) {
        throw invalid(p, e.getMessage());
      }
    }

    KeyManager identity(List<String> texts, int cert, int own) {
      List<X509Certificate> chain = certificates(texts, cert);
      Place p = places.get(own);
      try {
        return Identity.of(chain, Pem.privateKey(text(texts, p)));
      } catch (Pem.Unusable e) {
        throw invalid(p, e.getMessage());
      }
    }
  }
}
