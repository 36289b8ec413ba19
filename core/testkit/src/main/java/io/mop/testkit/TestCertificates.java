package io.mop.testkit;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** An issuer of certificates for tests, and what it issued; nothing outside a test trusts it. */
public final class TestCertificates {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final X500Name name;
  private final KeyPair keys;
  private final X509Certificate certificate;

  /** @param name common name, e.g. {@code ca} */
  public TestCertificates(String name) {
    this.name = new X500Name("CN=" + name);
    keys = keys("EC");
    certificate = certificate(this.name, this.name, keys, keys.getPrivate(), tomorrow(), List.of());
  }

  /** A certificate and its key. */
  public record Issued(X509Certificate certificate, PrivateKey key) {
    /** PEM of the certificate. */
    public String certPem() {
      return pem(certificate);
    }

    /** PEM of the key: PKCS#8. */
    public String keyPem() {
      try {
        return pem(new JcaPKCS8Generator(key, null).generate());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** PEM of the key as OpenSSL wrote it first: PKCS#1 of RSA, SEC1 of EC. */
    public String traditionalKeyPem() {
      PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
      if (!(key instanceof ECPrivateKey ec)) return pem(info);
      // The runtime leaves the curve to PKCS#8; alone, the key must name it.
      int bits = ec.getParams().getOrder().bitLength();
      var curve = info.getPrivateKeyAlgorithm().getParameters();
      var sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(bits, ec.getS(), curve);
      try {
        return pem(new PemObject("EC PRIVATE KEY", sec1.getEncoded()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Writes {@code NAME.crt} and {@code NAME.key} into the directory. */
    public Issued write(Path directory, String name) {
      return write(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }

    private Issued write(Path cert, Path key) {
      try {
        Files.writeString(cert, certPem());
        Files.writeString(key, keyPem());
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** PEM of the issuer's own certificate. */
  public String pem() {
    return pem(certificate);
  }

  /** Writes the issuer's own certificate. */
  public Path write(Path file) {
    try {
      return Files.writeString(file, pem());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** For both ends of a connection, with the names localhost and 127.0.0.1. {@code algorithm}: RSA, EC or Ed25519. */
  public Issued issue(String commonName, String algorithm) {
    return issue(commonName, algorithm, tomorrow(), List.of("localhost", "127.0.0.1"));
  }

  /** @param hosts names, and IPv4 addresses, that the certificate is for */
  public Issued issue(String commonName, String algorithm, Instant notAfter, List<String> hosts) {
    KeyPair own = keys(algorithm);
    X500Name subject = new X500Name("CN=" + commonName);
    return new Issued(certificate(name, subject, own, keys.getPrivate(), notAfter, hosts), own.getPrivate());
  }

  private static Instant tomorrow() {
    return Instant.now().plus(1, ChronoUnit.DAYS);
  }

  private static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("RSA")) generator.initialize(2048);
      if (algorithm.equals("EC")) generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static X509Certificate certificate(X500Name issuer, X500Name subject, KeyPair own, PrivateKey signer,
      Instant notAfter, List<String> hosts) {
    boolean ca = hosts.isEmpty();
    var builder = new JcaX509v3CertificateBuilder(issuer, BigInteger.valueOf(SERIAL.getAndIncrement()),
        Date.from(notAfter.minus(2, ChronoUnit.DAYS)), Date.from(notAfter), subject, own.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      if (!ca) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(
            hosts.stream().map(TestCertificates::name).toArray(GeneralName[]::new)));
      }
      var signature = new JcaContentSignerBuilder("SHA256withECDSA").build(signer);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signature));
    } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static GeneralName name(String host) {
    return new GeneralName(host.matches("[0-9.]+") ? GeneralName.iPAddress : GeneralName.dNSName, host);
  }

  private static String pem(Object what) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(what);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
