package io.mop.plugins.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * The first handler of a connection: tells TLS from plain text by its first byte and turns away what the port does not
 * speak, in the words of the client's own protocol. Counts handshakes that failed.
 */
final class FirstBytes extends ChannelInboundHandlerAdapter {
  /** ContentType handshake, RFC 8446 section 5.1; no method of HTTP begins so. */
  private static final byte HANDSHAKE = 22;
  /** A fatal alert handshake_failure, which every version understands. */
  private static final byte[] ALERT = {21, 3, 1, 0, 2, 2, 40};
  private static final String NEEDS_TLS = "this port speaks TLS";
  private static final byte[] HTTP_1 = ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: "
      + NEEDS_TLS.length() + "\r\nConnection: close\r\n\r\n" + NEEDS_TLS).getBytes(StandardCharsets.US_ASCII);
  /**
   * Empty SETTINGS, then GOAWAY, RFC 9113 sections 6.5 and 6.8. NO_ERROR, since clients take INADEQUATE_SECURITY for
   * final and drop their data; the last stream is the highest there is, since they repeat calls above it without end.
   */
  private static final byte[] HTTP_2 = ("\0\0\0\4\0\0\0\0\0" + "\0\0" + (char) (8 + NEEDS_TLS.length())
      + "\7\0\0\0\0\0" + "\177\377\377\377" + "\0\0\0\0" + NEEDS_TLS).getBytes(StandardCharsets.ISO_8859_1);
  /** How long a client that is turned away may go on sending, so that the answer is not lost to a reset. */
  private static final long LINGER_SECONDS = 5;

  private final Door door;
  private final boolean http2;
  private final Runnable left;
  private boolean begun;
  private boolean turnedAway;

  FirstBytes(Door door, boolean http2, Runnable left) {
    this.door = door;
    this.http2 = http2;
    this.left = left;
  }

  @Override
  public void channelRead(ChannelHandlerContext connection, Object bytes) {
    if (!begun && bytes instanceof ByteBuf b && b.isReadable()) {
      begun = true;
      byte first = b.getByte(b.readerIndex());
      if (door.encrypted() && first != HANDSHAKE) {
        turnAway(connection, "plain text on a port with tls", plain(b));
      } else if (!door.encrypted() && first == HANDSHAKE) {
        turnAway(connection, "TLS on a port without tls", ALERT);
      } else if (http2) {
        ChannelHandlerContext tls = connection.pipeline().context(SslHandler.class);
        connection.pipeline().addAfter((tls == null ? connection : tls).name(), null, new Preface(door));
      }
    }
    if (turnedAway) ReferenceCountUtil.release(bytes);
    else connection.fireChannelRead(bytes);
  }

  private static byte[] plain(ByteBuf bytes) {
    String begin = bytes.toString(bytes.readerIndex(), Math.min(3, bytes.readableBytes()), StandardCharsets.US_ASCII);
    if (begin.equals("PRI")) return HTTP_2;
    return begin.matches("[A-Z]+") ? HTTP_1 : new byte[0];
  }

  private void turnAway(ChannelHandlerContext connection, String why, byte[] answer) {
    turnedAway = true;
    door.failed(why);
    connection.channel().config().setAutoRead(true);
    connection.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(
        f -> ((DuplexChannel) connection.channel()).shutdownOutput());
    connection.executor().schedule(() -> connection.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    // One that never sent a byte is a probe of the port.
    if (begun && !turnedAway && tls != null) {
      tls.handshakeFuture().addListener(f -> {
        if (!f.isSuccess()) door.failed(Door.reason(f.cause()));
      });
    }
    connection.fireChannelInactive();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext connection) {
    left.run();
  }
}
