package io.mop.exporters.otlp;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The event loop of one exporter, one thread for its one connection: epoll where its library loads, else NIO. */
final class Loops implements AutoCloseable {
  private static final long CLOSE_LIMIT_SECONDS = 5;

  final EventLoopGroup group;
  final Class<? extends Channel> channelType;

  /** @param name of the thread */
  Loops(String name) {
    DefaultThreadFactory threads = new DefaultThreadFactory(name, true);
    if (epollAvailable()) {
      group = EpollLoops.group(threads);
      channelType = EpollLoops.channelType();
    } else {
      group = new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory());
      channelType = NioSocketChannel.class;
    }
  }

  /** Ends the thread, within a limit. */
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

    static EventLoopGroup group(DefaultThreadFactory threads) {
      return new MultiThreadIoEventLoopGroup(1, threads, EpollIoHandler.newFactory());
    }

    static Class<? extends Channel> channelType() {
      return EpollSocketChannel.class;
    }
  }
}
