package io.mop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Clients that misbehave; each returns what it was told, empty if nothing. */
final class Peers {
  private static final int PATIENCE_MILLIS = 15_000;
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private final OkHttpClient client =
      new OkHttpClient.Builder()
          .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
          .callTimeout(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
          .retryOnConnectionFailure(false)
          .build();

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket();
    socket.connect(new InetSocketAddress(LOOPBACK, port), PATIENCE_MILLIS);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  String garbage(int port) throws IOException {
    byte[] bytes = new byte[64 << 10];
    new Random(1).nextBytes(bytes);
    try (Socket socket = connect(port)) {
      try {
        socket.getOutputStream().write(bytes);
      } catch (SocketException closed) {
        return "closed";
      }
      return answer(socket);
    }
  }

  /** POST of traces with a body that may be less than announced. */
  String http(int port, String headers, byte[] body) throws IOException {
    String head =
        "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n" + headers
            + "\r\n\r\n";
    try (Socket socket = connect(port)) {
      OutputStream out = socket.getOutputStream();
      try {
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
      } catch (SocketException closed) {
        // an answer may be there all the same
      }
      return answer(socket);
    }
  }

  /** A TLS record that announces more than comes; then the peer goes. */
  String halfHello(int port) throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
      socket.shutdownOutput();
      return answer(socket);
    }
  }

  /** The first line, or {@code closed}. */
  private static String answer(Socket socket) throws IOException {
    try {
      InputStream in = socket.getInputStream();
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0 && c != '\n' && line.length() < 80; c = in.read()) {
        line.append(c < ' ' || c > '~' ? '.' : (char) c);
      }
      String text = line.toString();
      return text.startsWith("HTTP/") ? text.replaceAll("\\.+$", "") : "closed";
    } catch (SocketTimeoutException e) {
      return "";
    } catch (SocketException reset) {
      return "closed";
    }
  }

  /** A gRPC call of one message. */
  String grpc(int port, byte[] message, boolean gzip) throws IOException {
    byte[] framed =
        ByteBuffer.allocate(5 + message.length).put((byte) (gzip ? 1 : 0)).putInt(message.length).put(message).array();
    Request.Builder request =
        new Request.Builder()
            .url("http://127.0.0.1:" + port + "/opentelemetry.proto.collector.trace.v1.TraceService/Export")
            .header("te", "trailers")
            .post(RequestBody.create(framed, MediaType.get("application/grpc")));
    if (gzip) request.header("grpc-encoding", "gzip");
    try (Response response = client.newCall(request.build()).execute()) {
      String status = response.header("grpc-status");
      String text = response.header("grpc-message");
      if (status == null) {
        response.body().bytes();
        status = response.trailers().get("grpc-status");
        text = response.trailers().get("grpc-message");
      }
      return status == null || status.equals("0") ? "" : "grpc-status " + status + " " + text;
    }
  }

  /** Opens {@code n} connections, says nothing, looks which the server has closed, and leaves. */
  String idle(List<Integer> ports, int n) throws IOException {
    List<SocketChannel> open = new ArrayList<>();
    try {
      for (int i = 0; i < n; i++) {
        SocketChannel channel = SocketChannel.open();
        open.add(channel);
        channel.socket().connect(new InetSocketAddress(LOOPBACK, ports.get(i % ports.size())), PATIENCE_MILLIS);
        channel.configureBlocking(false);
      }
      int closed = 0;
      ByteBuffer some = ByteBuffer.allocate(256);
      for (SocketChannel channel : open) {
        if (ended(channel, some)) closed++;
      }
      return n + " connected, " + closed + " closed by the server, " + (n - closed) + " kept";
    } finally {
      for (SocketChannel channel : open) channel.close();
    }
  }

  private static boolean ended(SocketChannel channel, ByteBuffer some) {
    try {
      int n;
      do {
        some.clear();
        n = channel.read(some);
      } while (n > 0);
      return n < 0;
    } catch (IOException reset) {
      return true;
    }
  }
}
