package io.mop.api.net;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Which certificates of peers are accepted. */
final class Trust {
  private Trust() {}

  /** Certificates with a path to one of {@code issuers} or, if {@code system}, of the runtime's own store. */
  static TrustManager[] in(List<X509Certificate> issuers, boolean system) {
    try {
      List<X509Certificate> all = new ArrayList<>(issuers);
      if (system) {
        for (TrustManager m : managers(null)) {
          if (m instanceof X509TrustManager x) all.addAll(Arrays.asList(x.getAcceptedIssuers()));
        }
      }
      KeyStore store = emptyStore();
      for (int i = 0; i < all.size(); i++) store.setCertificateEntry("ca" + i, all.get(i));
      return managers(store);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Every certificate, of any name: {@code insecure_skip_verify}. */
  static TrustManager[] anyone() {
    return new TrustManager[] {new Anyone()};
  }

  static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrustManager[] managers(KeyStore store) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** Extends the type that the runtime leaves the check of the host name to. */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
