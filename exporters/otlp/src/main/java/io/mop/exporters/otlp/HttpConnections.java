package io.mop.exporters.otlp;

import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Verdict.Response;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.NoopAddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/** The connections to one peer: as many as there are requests at once; what is idle is used again. */
final class HttpConnections {
  /** A kept connection ends after this long without a request, at most half of it later. */
  private static final long IDLE_SECONDS = 60;

  /** A request and who waits for its answer; told once of either, on the event loop. */
  interface Exchange {
    HttpRequest head();

    Body body();

    /** Nobody waits any more. */
    boolean isOver();

    /** A connection is there. */
    void connected();

    void answered(Response response);

    void failed(Throwable cause);
  }

  private final Origin peer;
  private final Optional<Supplier<SSLEngine>> tls;
  private final Optional<Proxy> proxy;
  private final Executor workers;
  private final EventLoop loop;
  private final Bootstrap bootstrap = new Bootstrap();
  private final int timeoutMillis;
  // On the loop only.
  private final Set<HttpConnection> open = new LinkedHashSet<>();
  private final Deque<HttpConnection> idle = new ArrayDeque<>();

  /**
   * @param tls makes the engine of a connection; empty = plain text
   * @param workers for look-ups of host names, which block
   * @param timeout of connecting, of the proxy and of the TLS handshake
   */
  HttpConnections(
      Origin peer, Optional<Supplier<SSLEngine>> tls, Optional<Proxy> proxy, Loops loops, Executor workers,
      Duration timeout) {
    this.peer = peer;
    this.tls = tls;
    this.proxy = proxy;
    this.workers = workers;
    loop = loops.group.next();
    timeoutMillis = (int) Math.min(Integer.MAX_VALUE, Math.max(1, timeout.toMillis()));
    bootstrap
        .group(loop)
        .channel(loops.channelType)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
        .resolver(NoopAddressResolverGroup.INSTANCE);
    loop.scheduleAtFixedRate(this::closeIdle, IDLE_SECONDS / 2, IDLE_SECONDS / 2, TimeUnit.SECONDS);
  }

  /** Plain requests are addressed to the proxy with the whole URL; to a peer with TLS it opens a tunnel. */
  boolean wholeUrls() {
    return proxy.isPresent() && tls.isEmpty();
  }

  /** Headers for the proxy itself, beside those of the request. */
  Optional<Secret> proxyAuthorization() {
    return wholeUrls() ? proxy.get().login().map(Proxy.Login::basic) : Optional.empty();
  }

  Optional<Proxy> proxy() {
    return proxy;
  }

  void send(Exchange exchange) {
    loop.execute(() -> {
      for (HttpConnection kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
        if (kept.start(exchange)) return;
      }
      open(exchange);
    });
  }

  /** Ends the connection that {@code exchange} is on, if there is one. */
  void abandon(Exchange exchange) {
    try {
      loop.execute(() -> List.copyOf(open).forEach(c -> c.abandon(exchange)));
    } catch (RejectedExecutionException e) {
      // The loop has ended, and its connections with it.
    }
  }

  /** A new connection for it. */
  void open(Exchange exchange) {
    String host = proxy.map(Proxy::host).orElse(peer.host());
    int port = proxy.map(Proxy::port).orElse(peer.port());
    try {
      workers.execute(() -> {
        try {
          connect(InetAddress.getAllByName(host), 0, port, exchange);
        } catch (UnknownHostException e) {
          exchange.failed(e);
        }
      });
    } catch (RejectedExecutionException e) {
      exchange.failed(e);
    }
  }

  private void connect(InetAddress[] addresses, int at, int port, Exchange exchange) {
    if (exchange.isOver()) return;
    InetSocketAddress address = new InetSocketAddress(addresses[at], port);
    boolean tunnel = proxy.isPresent() && tls.isPresent();
    ChannelFuture connecting =
        bootstrap.clone()
            .handler(new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                fill(channel.pipeline(), tunnel, address, exchange);
              }
            })
            // Through a tunnel to the peer by its name, which the proxy looks up.
            .connect(tunnel ? InetSocketAddress.createUnresolved(peer.host(), peer.port()) : address);
    connecting.addListener(done -> {
      if (done.isSuccess()) return;
      if (at + 1 < addresses.length) connect(addresses, at + 1, port, exchange);
      else exchange.failed(done.cause());
    });
  }

  private void fill(ChannelPipeline pipeline, boolean tunnel, InetSocketAddress address, Exchange exchange) {
    if (tunnel) pipeline.addLast(tunnel(address));
    tls.ifPresent(engine -> {
      SslHandler handler = new SslHandler(engine.get());
      handler.setHandshakeTimeoutMillis(timeoutMillis);
      pipeline.addLast(handler);
    });
    pipeline.addLast(new HttpClientCodec());
    HttpConnection connection = new HttpConnection(this, tls.isPresent(), exchange);
    open.add(connection);
    pipeline.addLast(connection);
  }

  private HttpProxyHandler tunnel(InetSocketAddress address) {
    HttpProxyHandler handler =
        proxy.orElseThrow().login()
            .map(l -> new HttpProxyHandler(address, l.user(), l.password().reveal()))
            .orElseGet(() -> new HttpProxyHandler(address));
    handler.setConnectTimeoutMillis(timeoutMillis);
    return handler;
  }

  void idle(HttpConnection connection) {
    idle.addFirst(connection);
  }

  void ended(HttpConnection connection) {
    open.remove(connection);
    idle.remove(connection);
  }

  private void closeIdle() {
    long now = System.nanoTime();
    for (HttpConnection c : List.copyOf(idle)) {
      if (now - c.idleSince() >= TimeUnit.SECONDS.toNanos(IDLE_SECONDS)) c.close();
    }
  }
}
