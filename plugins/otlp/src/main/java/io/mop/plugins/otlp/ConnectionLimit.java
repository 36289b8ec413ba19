package io.mop.plugins.otlp;

import io.mop.api.plugin.Context;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a listening channel's acceptor: closes connections above the limit and counts them. */
@Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private final int max;
  private final Context.Counter refused;
  private final Door door;
  private final boolean http2;
  private final AtomicInteger open = new AtomicInteger();

  /** @param http2 whether the port speaks nothing else */
  ConnectionLimit(int max, Context.Counter refused, Door door, boolean http2) {
    this.max = max;
    this.refused = refused;
    this.door = door;
    this.http2 = http2;
  }

  int open() {
    return open.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext listener, Object accepted) {
    Channel connection = (Channel) accepted;
    if (open.incrementAndGet() > max) {
      open.decrementAndGet();
      refused.add(1);
      connection.unsafe().closeForcibly();
      return;
    }
    connection.pipeline().addFirst(new FirstBytes(door, http2, open::decrementAndGet));
    listener.fireChannelRead(accepted);
  }
}
