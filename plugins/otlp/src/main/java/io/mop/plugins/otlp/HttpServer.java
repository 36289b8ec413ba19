package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** OTLP/HTTP: HTTP/1.1 whose bodies are read into reserved memory as they arrive. */
final class HttpServer {
  private static final int MAX_LINE = 4096;
  private static final int MAX_HEADERS = 16 << 10;
  private static final int MAX_CHUNK = 256 << 10;

  final OtlpConfig.Http config;
  final Gate gate;
  final Door door;
  private final Map<String, Signal> paths;
  private final Set<HttpSession> sessions = ConcurrentHashMap.newKeySet();
  private final Channel listener;
  private final ConnectionLimit connections;
  private volatile boolean paused;
  private volatile boolean closing;

  HttpServer(OtlpConfig.Http config, Endpoint endpoint, Door door, Gate gate, Loops loops) {
    this.config = config;
    this.gate = gate;
    this.door = door;
    connections = new ConnectionLimit(config.maxConnections(), gate.connectionsRefused, door, false);
    paths = Map.of(config.tracesUrlPath(), Signal.TRACES, config.metricsUrlPath(), Signal.METRICS,
        config.logsUrlPath(), Signal.LOGS);
    ChannelFuture bound = new ServerBootstrap().group(loops.group)
        .channelFactory(loops.channels(connections))
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childHandler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel connection) {
            HttpSession session = new HttpSession(HttpServer.this, connection);
            door.engine().ifPresent(tls -> connection.pipeline().addLast(new SslHandler(tls)));
            connection.pipeline().addLast(session.bytesSeen(),
                new HttpServerCodec(new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE)
                    .setMaxHeaderSize(MAX_HEADERS).setMaxChunkSize(MAX_CHUNK)),
                new FlowControlHandler(), session);
          }
        }).bind(endpoint.address()).awaitUninterruptibly();
    if (!bound.isSuccess()) throw endpoint.failed(bound.cause());
    listener = bound.channel();
  }

  /** Open connections. */
  int connections() {
    return connections.open();
  }

  InetSocketAddress listening() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** The signal of a request path, without its query. */
  Optional<Signal> signal(String path) {
    return Optional.ofNullable(paths.get(path));
  }

  /** The paths served, for messages. */
  String paths() {
    return config.tracesUrlPath() + ", " + config.metricsUrlPath() + ", " + config.logsUrlPath();
  }

  /** Most bytes of a body as it arrives. */
  int bodyLimit() {
    return Math.toIntExact(config.maxRequestBodySize().bytes());
  }

  void opened(HttpSession session) {
    sessions.add(session);
  }

  void closed(HttpSession session) {
    sessions.remove(session);
  }

  boolean paused() {
    return paused;
  }

  boolean closing() {
    return closing;
  }

  void pause() {
    paused = true;
    sessions.forEach(HttpSession::readingChanged);
  }

  void resume() {
    paused = false;
    sessions.forEach(HttpSession::readingChanged);
  }

  /** Whether no open connection is read. */
  boolean quiet() {
    return sessions.stream().noneMatch(HttpSession::reads);
  }

  void stopListening() {
    closing = true;
    listener.close().awaitUninterruptibly();
  }

  /** Closes connections; those that wait for an acknowledgement may answer first, until the deadline of nanoTime. */
  void close(long deadline) {
    CountDownLatch open = new CountDownLatch(sessions.size());
    for (HttpSession session : sessions) session.closeGently(open::countDown);
    try {
      if (open.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sessions.forEach(HttpSession::closeNow);
  }
}
