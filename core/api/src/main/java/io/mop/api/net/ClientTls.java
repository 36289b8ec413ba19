package io.mop.api.net;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code tls:} of a client, with the keys of the OpenTelemetry Collector's configtls. All files are PEM; keys are
 * unencrypted PKCS#8, PKCS#1 (RSA) or SEC1 (EC). {@link ReloadingTls} makes an {@code SSLContext} of it.
 */
public record ClientTls(
    @Key(doc = "Connect without TLS.", value = "false") boolean insecure,
    @Key(doc = "Accept any certificate of the server: encrypted, and open to whoever sits between.", value = "false")
    boolean insecureSkipVerify,
    @Key(doc = "PEM file with the issuers to trust; absent = the system's.") Optional<String> caFile,
    @Key(doc = "The issuers' certificates themselves, instead of ca_file.") Optional<String> caPem,
    @Key(doc = "Trust the system's issuers besides those of ca_file.", value = "false")
    boolean includeSystemCaCertsPool,
    @Key(doc = "PEM file with the client's certificate, followed by those of its issuers (mTLS).")
    Optional<String> certFile,
    @Key(doc = "The certificates themselves, instead of cert_file.") Optional<String> certPem,
    @Key(doc = "PEM file with the certificate's private key.") Optional<String> keyFile,
    @Key(doc = "The private key itself, instead of key_file.") Optional<Secret> keyPem,
    @Key(doc = "Host name to ask for and to expect in the server's certificate, instead of the endpoint's.")
    Optional<String> serverNameOverride,
    @Key(doc = "Oldest TLS version: 1.2 or 1.3.", value = "1.2") String minVersion,
    @Key(doc = "Newest TLS version: 1.2 or 1.3; absent = 1.3.") Optional<String> maxVersion,
    @Key(doc = "Cipher suites allowed, by their names in TLS; absent = the runtime's.") List<String> cipherSuites,
    @Key(doc = "How often the files are looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
    Duration reloadInterval) {
  /** TLS with the system's issuers and no client certificate. */
  public static final ClientTls DEFAULT = new ClientTls(false, false, Optional.empty(), Optional.empty(), false,
      Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "1.2",
      Optional.empty(), List.of(), Duration.ofSeconds(10));

  public ClientTls {
    TlsFiles.oneOf("ca", caFile, caPem, false);
    TlsFiles.oneOf("cert", certFile, certPem, false);
    TlsFiles.oneOf("key", keyFile, keyPem, false);
    boolean cert = certFile.isPresent() || certPem.isPresent();
    boolean key = keyFile.isPresent() || keyPem.isPresent();
    if (cert != key) throw new InvalidConfig(cert ? "key_file" : "cert_file", "both cert_file and key_file, or neither");
    TlsFiles.checkVersions(minVersion, maxVersion);
    cipherSuites = List.copyOf(cipherSuites);
  }
}
