package io.mop.bpf;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** A keep-alive connection that remembers every byte of both directions. */
final class HttpClient implements AutoCloseable {
  private final Socket socket;
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  HttpClient(int port) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Over TLS: {@link #sent} and {@link #received} are the plaintext. */
  static HttpClient tls(int port) throws IOException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new AnyCertificate()}, null);
      return new HttpClient(tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port));
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class AnyCertificate extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private HttpClient(Socket connected) throws IOException {
    socket = connected;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
  }

  HttpClient get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n");
  }

  HttpClient exchange(String request) throws IOException {
    byte[] bytes = request.getBytes(StandardCharsets.ISO_8859_1);
    socket.getOutputStream().write(bytes);
    sent.write(bytes);
    read();
    return this;
  }

  private void read() throws IOException {
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) throw new EOFException("in the head: " + head);
      received.write(b);
      head.append((char) b);
    }
    int at = head.indexOf("Content-Length: ") + 16;
    byte[] body = in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r", at))));
    received.write(body);
  }

  byte[] sent() {
    return sent.toByteArray();
  }

  byte[] received() {
    return received.toByteArray();
  }

  int port() {
    return socket.getLocalPort();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
