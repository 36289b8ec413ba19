package io.mop.api.net;

import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code tls:} of a server, with the keys of the OpenTelemetry Collector's configtls. All files are PEM; keys are
 * unencrypted PKCS#8, PKCS#1 (RSA) or SEC1 (EC). {@link ReloadingTls} makes an {@code SSLContext} of it.
 */
public record ServerTls(
    @Key(doc = "PEM file with the server's certificate, followed by those of its issuers.") Optional<String> certFile,
    @Key(doc = "The certificates themselves, instead of cert_file.") Optional<String> certPem,
    @Key(doc = "PEM file with the certificate's private key.") Optional<String> keyFile,
    @Key(doc = "The private key itself, instead of key_file.") Optional<Secret> keyPem,
    @Key(doc = "PEM file with the issuers of client certificates; present = clients must show one (mTLS).")
    Optional<String> clientCaFile,
    @Key(doc = "Accepted and not needed: client_ca_file is always read again as reload_interval says.",
        value = "true") boolean clientCaFileReload,
    @Key(doc = "Oldest TLS version: 1.2 or 1.3.", value = "1.2") String minVersion,
    @Key(doc = "Newest TLS version: 1.2 or 1.3; absent = 1.3.") Optional<String> maxVersion,
    @Key(doc = "Cipher suites allowed, by their names in TLS; absent = the runtime's.") List<String> cipherSuites,
    @Key(doc = "How often the files are looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
    Duration reloadInterval) {
  public ServerTls {
    TlsFiles.oneOf("cert", certFile, certPem, true);
    TlsFiles.oneOf("key", keyFile, keyPem, true);
    TlsFiles.checkVersions(minVersion, maxVersion);
    cipherSuites = List.copyOf(cipherSuites);
  }
}
