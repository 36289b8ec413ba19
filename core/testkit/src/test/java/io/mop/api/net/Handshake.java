package io.mop.api.net;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/** Two engines that shake hands in memory. */
record Handshake(SSLEngine client, SSLEngine server) {
  /** Shakes hands; throws what the first side to fail says. */
  static Handshake of(SSLContext clients, SSLContext servers, String host) throws SSLException {
    SSLEngine client = clients.createSSLEngine(host, 443);
    client.setUseClientMode(true);
    SSLEngine server = servers.createSSLEngine();
    server.setUseClientMode(false);
    Handshake both = new Handshake(client, server);
    ByteBuffer toServer = ByteBuffer.allocate(1 << 16);
    ByteBuffer toClient = ByteBuffer.allocate(1 << 16);
    client.beginHandshake();
    server.beginHandshake();
    for (int i = 0; i < 100; i++) {
      boolean moved = both.step(client, toClient, toServer) | both.step(server, toServer, toClient);
      // One more application record after the end, as a client's late certificate error is seen by reading.
      if (!moved) return both;
    }
    throw new AssertionError("the handshake does not end");
  }

  private boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    boolean moved = false;
    ByteBuffer none = ByteBuffer.allocate(0);
    while (true) {
      HandshakeStatus status = engine.getHandshakeStatus();
      if (status == HandshakeStatus.NEED_TASK) {
        engine.getDelegatedTask().run();
        moved = true;
      } else if (status == HandshakeStatus.NEED_WRAP) {
        SSLEngineResult r = engine.wrap(none, out);
        if (r.bytesProduced() == 0) return moved;
        moved = true;
      } else {
        if (in.position() == 0) return moved;
        in.flip();
        SSLEngineResult r = engine.unwrap(in, ByteBuffer.allocate(1 << 16));
        in.compact();
        if (r.bytesConsumed() == 0 && engine.getHandshakeStatus() == status) return moved;
        moved = true;
      }
    }
  }

  String serverName() {
    return subject(client.getSession());
  }

  String clientName() {
    return subject(server.getSession());
  }

  private static String subject(SSLSession session) {
    try {
      return ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().getName();
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }
}
