package io.mop.api.net;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A context that hands out engines of whatever context is the newest. A change of certificates thus also ends the old
 * context's sessions, which a client that is no longer trusted could otherwise resume.
 */
final class SwitchingContext extends SSLContextSpi {
  private final Supplier<SSLContext> newest;
  private final SSLParameters parameters;

  private SwitchingContext(Supplier<SSLContext> newest, SSLParameters parameters) {
    this.newest = newest;
    this.parameters = parameters;
  }

  static SSLContext of(Supplier<SSLContext> newest, SSLParameters parameters) {
    SSLContext first = newest.get();
    return new Made(new SwitchingContext(newest, parameters), first.getProvider(), first.getProtocol());
  }

  private static final class Made extends SSLContext {
    Made(SSLContextSpi spi, Provider provider, String protocol) {
      super(spi, provider, protocol);
    }
  }

  /** @param keys null = none; {@code trust} null = the runtime's */
  static SSLContext plain(KeyManager[] keys, TrustManager[] trust) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static SSLParameters copy(SSLParameters from) {
    SSLParameters to = new SSLParameters(from.getCipherSuites(), from.getProtocols());
    to.setNeedClientAuth(from.getNeedClientAuth());
    to.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
    if (from.getServerNames() != null) to.setServerNames(from.getServerNames());
    return to;
  }

  private SSLEngine ready(SSLEngine engine) {
    engine.setSSLParameters(copy(parameters));
    return engine;
  }

  @Override
  protected SSLEngine engineCreateSSLEngine() {
    return ready(newest.get().createSSLEngine());
  }

  @Override
  protected SSLEngine engineCreateSSLEngine(String host, int port) {
    return ready(newest.get().createSSLEngine(host, port));
  }

  @Override
  protected SSLParameters engineGetDefaultSSLParameters() {
    SSLParameters defaults = copy(parameters);
    if (defaults.getCipherSuites() == null) {
      defaults.setCipherSuites(newest.get().getDefaultSSLParameters().getCipherSuites());
    }
    return defaults;
  }

  @Override
  protected SSLParameters engineGetSupportedSSLParameters() {
    return newest.get().getSupportedSSLParameters();
  }

  @Override
  protected SSLSessionContext engineGetServerSessionContext() {
    return newest.get().getServerSessionContext();
  }

  @Override
  protected SSLSessionContext engineGetClientSessionContext() {
    return newest.get().getClientSessionContext();
  }

  @Override
  protected SSLSocketFactory engineGetSocketFactory() {
    return newest.get().getSocketFactory();
  }

  @Override
  protected SSLServerSocketFactory engineGetServerSocketFactory() {
    return newest.get().getServerSocketFactory();
  }

  @Override
  protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
    throw new UnsupportedOperationException("made of a configuration");
  }
}
