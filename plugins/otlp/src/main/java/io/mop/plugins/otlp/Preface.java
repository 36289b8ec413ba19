package io.mop.plugins.otlp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;

/**
 * Looks at the first bytes of a gRPC connection, after TLS if there is TLS: counts what does not begin as HTTP/2. Takes
 * nothing away; gRPC ends such a connection itself, in the words of its protocol.
 */
final class Preface extends ChannelInboundHandlerAdapter {
  /** RFC 9113 section 3.4. */
  private static final byte[] HTTP_2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Door door;
  private int matched;

  Preface(Door door) {
    this.door = door;
  }

  @Override
  public void channelRead(ChannelHandlerContext connection, Object bytes) {
    if (bytes instanceof ByteBuf b && !begins(b)) {
      door.malformed("it does not begin as HTTP/2, which gRPC needs");
      matched = HTTP_2.length;
    }
    if (matched == HTTP_2.length) connection.pipeline().remove(this);
    connection.fireChannelRead(bytes);
  }

  /** gRPC ends a connection that has not agreed on HTTP/2 before its first byte. */
  @Override
  public void userEventTriggered(ChannelHandlerContext connection, Object event) {
    if (event instanceof SslHandshakeCompletionEvent end && end.isSuccess()) {
      String agreed = connection.pipeline().get(SslHandler.class).applicationProtocol();
      if (!ApplicationProtocolNames.HTTP_2.equals(agreed)) {
        door.malformed("it has not agreed on HTTP/2, which gRPC needs, in its TLS handshake (ALPN h2)");
        connection.pipeline().remove(this);
      }
    }
    connection.fireUserEventTriggered(event);
  }

  private boolean begins(ByteBuf bytes) {
    for (int i = bytes.readerIndex(); i < bytes.writerIndex() && matched < HTTP_2.length; i++, matched++) {
      if (bytes.getByte(i) != HTTP_2[matched]) return false;
    }
    return true;
  }
}
