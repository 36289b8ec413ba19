package io.mop.exporters.otlp;

import io.mop.exporters.otlp.Verdict.Response;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;

/** One connection: one request at a time. Everything happens on the exporter's event loop. */
final class HttpConnection extends ChannelInboundHandlerAdapter {
  /** At most this many bytes of an answer are read. */
  static final int ANSWER_LIMIT = 64 << 10;

  private static final int PIECE = 64 << 10;

  private final HttpConnections owner;
  private final boolean tls;
  private ChannelHandlerContext context;
  private HttpConnections.Exchange exchange; // null = none under way
  private boolean ready;
  private boolean usedBefore;
  private Body.Stream unsent; // null = all is sent
  private boolean answering;
  private boolean interim;
  private HttpResponse head;
  private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private long idleSince;

  /** @param first what the connection is opened for */
  HttpConnection(HttpConnections owner, boolean tls, HttpConnections.Exchange first) {
    this.owner = owner;
    this.tls = tls;
    exchange = first;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    owner.ended(this);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!tls) begin();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (!(event instanceof SslHandshakeCompletionEvent shaken)) return;
    if (shaken.isSuccess()) begin();
    else fail(shaken.cause());
  }

  /** @return false = the connection has ended; take another one */
  boolean start(HttpConnections.Exchange next) {
    if (!context.channel().isActive()) return false;
    exchange = next;
    usedBefore = true;
    begin();
    return true;
  }

  private void begin() {
    ready = true;
    if (exchange == null) return; // abandoned
    if (exchange.isOver()) {
      exchange = null;
      toIdle();
      return;
    }
    exchange.connected();
    answering = false;
    head = null;
    answer.reset();
    unsent = exchange.body().open();
    context.write(exchange.head(), context.voidPromise());
    pump();
  }

  /** Copies as much as the connection takes: a slow peer holds a piece, not a batch. */
  private void pump() {
    while (unsent != null && context.channel().isWritable()) {
      ByteBuf piece = context.alloc().directBuffer(Math.min(PIECE, unsent.available()));
      try {
        unsent.copyTo(piece);
      } catch (IOException e) {
        // The exchange is over: its end closes this connection.
        piece.release();
        unsent = null;
        context.close();
        return;
      }
      boolean last = unsent.available() == 0;
      if (last) unsent = null;
      context.write(last ? new DefaultLastHttpContent(piece) : new DefaultHttpContent(piece), context.voidPromise());
    }
    context.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    // When it becomes unwritable this is called out of a write, in which there must be no other one.
    if (unsent != null && ctx.channel().isWritable()) pump();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (exchange == null) {
        ctx.close(); // nothing was asked
      } else if (message instanceof HttpObject part) {
        answering = true;
        if (part.decoderResult().isSuccess()) read(part);
        else fail(new IOException(tls ? "the answer is not HTTP/1.1" : "the answer is not HTTP/1.1; is TLS expected, https?"));
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void read(HttpObject part) {
    if (part instanceof HttpResponse response) {
      interim = response.status().code() < 200;
      if (!interim) head = response;
    }
    if (!(part instanceof HttpContent content)) return;
    if (interim) return;
    ByteBuf bytes = content.content();
    boolean more = bytes.readableBytes() > ANSWER_LIMIT - answer.size();
    byte[] some = new byte[Math.min(bytes.readableBytes(), ANSWER_LIMIT - answer.size())];
    bytes.readBytes(some);
    answer.writeBytes(some);
    if (more || part instanceof LastHttpContent) end(!more);
  }

  private void end(boolean whole) {
    HttpConnections.Exchange answered = exchange;
    exchange = null;
    Response response =
        new Response(
            head.status().code(),
            head.headers().get(HttpHeaderNames.CONTENT_TYPE, ""),
            Optional.ofNullable(head.headers().get(HttpHeaderNames.RETRY_AFTER)),
            answer.toByteArray());
    // An answer to half a request: the rest would be taken for the next one.
    if (whole && unsent == null && HttpUtil.isKeepAlive(head)) toIdle();
    else context.close();
    unsent = null;
    answered.answered(response);
  }

  private void toIdle() {
    idleSince = System.nanoTime();
    owner.idle(this);
  }

  long idleSince() {
    return idleSince;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new EOFException(
        ready || !tls ? "the peer closed the connection" : "the peer closed the connection during the TLS handshake"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
  }

  /** The connection ends, also when nothing is under way. */
  private void fail(Throwable cause) {
    HttpConnections.Exchange failed = exchange;
    exchange = null;
    unsent = null;
    context.close();
    if (failed == null) return;
    // The peer may have closed a kept connection while the request was on its way: RFC 9110 §9.2.2 has it sent again.
    if (usedBefore && !answering) owner.open(failed);
    else failed.failed(cause);
  }

  void close() {
    context.close();
  }

  /** Ends the connection if {@code over} is what it is for. */
  void abandon(HttpConnections.Exchange over) {
    if (exchange != over) return;
    exchange = null;
    unsent = null;
    context.close();
  }
}
