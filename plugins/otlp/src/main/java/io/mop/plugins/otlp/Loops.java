package io.mop.plugins.otlp;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The event loops of one receiver, for both its servers: epoll where its native library loads, else NIO. */
final class Loops implements AutoCloseable {
  private static final long CLOSE_LIMIT_SECONDS = 5;

  final EventLoopGroup group;
  private final ChannelFactory<? extends ServerChannel> channels;

  Loops(String name, int threads) {
    boolean epoll = epollAvailable();
    IoHandlerFactory io = epoll ? EpollLoops.handlers() : NioIoHandler.newFactory();
    group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    channels = epoll ? EpollLoops.channels() : NioServerSocketChannel::new;
  }

  /** Makes listening channels that pass accepted connections through {@code first}. */
  ChannelFactory<ServerChannel> channels(ChannelHandler first) {
    return () -> {
      ServerChannel channel = channels.newChannel();
      channel.pipeline().addLast(first);
      return channel;
    };
  }

  /** Ends the threads, within a limit. */
  @Override
  public void close() {
    group.shutdownGracefully(0, CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static boolean epollAvailable() {
    try {
      return EpollLoops.available();
    } catch (LinkageError e) {
      return false; // the classes are not installed
    }
  }

  /** Keeps epoll classes out of the outer class, so that it loads without them. */
  private static final class EpollLoops {
    static boolean available() {
      return Epoll.isAvailable();
    }

    static IoHandlerFactory handlers() {
      return EpollIoHandler.newFactory();
    }

    static ChannelFactory<? extends ServerChannel> channels() {
      return EpollServerSocketChannel::new;
    }
  }
}
