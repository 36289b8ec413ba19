package io.mop.api.net;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;

/** A private key with its certificates, as a key manager. */
final class Identity {
  /** Protects the key in memory only; a key store demands one. */
  private static final char[] NO_PASSWORD = {};

  private Identity() {}

  static KeyManager of(List<X509Certificate> chain, PrivateKey key) throws Pem.Unusable {
    if (!belongTogether(chain.get(0), key)) {
      throw new Pem.Unusable("the private key of the first certificate; it is another's");
    }
    try {
      KeyStore store = Trust.emptyStore();
      store.setKeyEntry("mop", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory.getKeyManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new Pem.Unusable("a private key and certificates that this runtime can use: " + e.getMessage());
    }
  }

  private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    String algorithm = switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      case "RSASSA-PSS" -> "RSASSA-PSS";
      default -> "EdDSA";
    };
    try {
      byte[] message = {'m', 'o', 'p'};
      Signature sign = Signature.getInstance(algorithm);
      sign.initSign(key);
      sign.update(message);
      Signature verify = Signature.getInstance(algorithm);
      verify.initVerify(certificate.getPublicKey());
      verify.update(message);
      return verify.verify(sign.sign());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
