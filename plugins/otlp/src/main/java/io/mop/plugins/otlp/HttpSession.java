package io.mop.plugins.otlp;

import io.mop.api.pipeline.Receiver.Refused;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** One HTTP connection: one request after the other, read only while none waits for its answer. */
final class HttpSession extends ChannelInboundHandlerAdapter {
  /** How long a connection that is to be closed may go on sending, so that its answer is not lost to a reset. */
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(5);

  private enum State {
    /** Between requests. */
    IDLE,
    /** A request is arriving. */
    READING,
    /** A request was handed over and waits for its acknowledgement. */
    ANSWERING,
    /** Answered for the last time; what still arrives is thrown away. */
    LINGERING
  }

  private final HttpServer server;
  private final Gate gate;
  private final Channel channel;
  private State state = State.IDLE;
  private long since = System.nanoTime();
  private boolean json;
  private boolean keepAlive;
  private boolean inputEnded;
  private HttpBody body;
  private HttpAnswer failure;
  private Future<?> clock;

  HttpSession(HttpServer server, Channel channel) {
    this.server = server;
    this.gate = server.gate;
    this.channel = channel;
  }

  /** Stands before the HTTP decoder: a request begins with its first byte, not with its complete headers. */
  ChannelInboundHandlerAdapter bytesSeen() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object bytes) {
        if (state == State.IDLE) enter(State.READING);
        ctx.fireChannelRead(bytes);
      }
    };
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    server.opened(this);
    long tick = Math.min(server.config.readTimeout().toNanos(), server.config.idleTimeout().toNanos()) / 4;
    tick = Math.max(TimeUnit.MILLISECONDS.toNanos(1), Math.min(tick, TimeUnit.SECONDS.toNanos(1)));
    clock = channel.eventLoop().scheduleWithFixedDelay(this::checkTime, tick, tick, TimeUnit.NANOSECONDS);
    applyReading();
    if (server.closing()) channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    server.closed(this);
    clock.cancel(false);
    if (body != null) abort();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (state == State.LINGERING) return;
      if (message instanceof HttpRequest request) begin(request);
      if (message instanceof HttpContent content && body != null) more(content);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    gate.requests.add(1);
    enter(State.READING);
    keepAlive = HttpUtil.isKeepAlive(request);
    HttpRoute route = HttpRoute.of(server, request);
    json = route.json();
    failure = route.failure();
    body = new HttpBody(gate, route.signal(), json, route.encoding(), route.length(), server.bodyLimit());
    if (request.decoderResult().isFailure() || failure != null && route.failureIsFinal()) {
      answerAndClose(failure);
    } else if (HttpUtil.is100ContinueExpected(request)) {
      if (failure != null) {
        answerAndClose(failure);
      } else {
        channel.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
      }
    }
  }

  private void more(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      if (inputEnded) {
        abort();
        channel.close();
      } else {
        answerAndClose(HttpAnswer.malformed(HttpResponseStatus.BAD_REQUEST, "not HTTP/1.1: the body is broken"));
      }
      return;
    }
    if (failure == null) collect(content);
    if (state != State.READING || !(content instanceof LastHttpContent)) return;
    enter(State.ANSWERING);
    applyReading();
    if (failure != null) {
      body.cancel();
      gate.count(failure.answer().outcome());
      answer(failure);
    } else {
      body.submit(this::done);
    }
  }

  private void collect(HttpContent content) {
    try {
      body.add(content.content());
    } catch (Refused e) {
      // The rest of the body is read and thrown away, so that the connection can be used again.
      body.cancel();
      failure = HttpAnswer.of(Answer.refused(e.getMessage(), e.retryAfter()));
    } catch (Growing.TooLarge e) {
      answerAndClose(HttpRoute.oversize(server));
    }
  }

  /** Called by the engine, on any thread. */
  private void done(Answer answer) {
    gate.count(answer.outcome());
    if (channel.eventLoop().inEventLoop()) {
      answer(HttpAnswer.of(answer));
      return;
    }
    try {
      channel.eventLoop().execute(() -> answer(HttpAnswer.of(answer)));
    } catch (RejectedExecutionException e) {
      // The receiver is closed, and so is the connection.
    }
  }

  private void answer(HttpAnswer answer) {
    body = null;
    boolean close = !keepAlive || server.closing();
    ChannelFuture written = channel.writeAndFlush(answer.response(server.door, json, close));
    if (close) {
      enter(State.LINGERING);
      written.addListener(ChannelFutureListener.CLOSE);
      return;
    }
    enter(State.IDLE);
    applyReading();
    // Reading on may have begun a request that was already here.
    if (inputEnded && state == State.IDLE) channel.close();
  }

  private void answerAndClose(HttpAnswer answer) {
    body.cancel();
    body = null;
    gate.count(answer.answer().outcome());
    enter(State.LINGERING);
    applyReading();
    channel.writeAndFlush(answer.response(server.door, json, true)).addListener(f -> Door.endOutput(channel));
  }

  private void abort() {
    // A request that was handed over is counted when its acknowledgement comes.
    if (state != State.READING) return;
    body.cancel();
    body = null;
    gate.count(Answer.Outcome.ABORTED);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof ChannelInputShutdownEvent)) return;
    inputEnded = true;
    if (state == State.ANSWERING) return;
    if (body != null) abort();
    channel.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    channel.close(); // a reset by the peer, or a fault: channelInactive cleans up
  }

  private void enter(State next) {
    if (state == State.READING && next == State.READING) return;
    state = next;
    since = System.nanoTime();
  }

  private void checkTime() {
    if (server.paused()) {
      since = System.nanoTime(); // it is not the peer that is slow
      return;
    }
    long limit = switch (state) {
      case IDLE -> server.config.idleTimeout().toNanos();
      case READING -> server.config.readTimeout().toNanos();
      case ANSWERING -> Long.MAX_VALUE;
      case LINGERING -> LINGER_NANOS;
    };
    if (System.nanoTime() - since > limit) channel.close();
  }

  private void applyReading() {
    channel.config().setAutoRead(state == State.LINGERING || state != State.ANSWERING && !server.paused());
  }

  boolean reads() {
    return channel.config().isAutoRead();
  }

  /** The server was paused or resumed; any thread. */
  void readingChanged() {
    channel.eventLoop().execute(this::applyReading);
  }

  /** Closes now or, if an answer is due, after it; then runs {@code closed}. Any thread. */
  void closeGently(Runnable closed) {
    channel.closeFuture().addListener(f -> closed.run());
    channel.eventLoop().execute(() -> {
      if (state != State.ANSWERING) channel.close();
    });
  }

  void closeNow() {
    channel.close();
  }
}
