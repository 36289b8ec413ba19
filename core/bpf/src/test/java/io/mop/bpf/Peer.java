package io.mop.bpf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** A program to be observed: talks to a test over the kind of socket that its arguments name, in vectors. */
final class Peer {
  private Peer() {}

  public static void main(String[] args) throws IOException {
    switch (args[0]) {
      case "tcp" -> stream(new InetSocketAddress(InetAddress.getByName(args[1]), Integer.parseInt(args[2])));
      case "unix" -> stream(UnixDomainSocketAddress.of(args[1]));
      case "udp" -> datagram(new InetSocketAddress(InetAddress.getByName(args[1]), Integer.parseInt(args[2])));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Writes 3 pieces, then 12; reads 10 bytes into three pieces, then the end of the stream. */
  private static void stream(SocketAddress to) throws IOException {
    try (SocketChannel channel = SocketChannel.open(to)) {
      channel.write(pieces("one ", "two ", "three"));
      channel.write(pieces(Stream.generate(() -> "0123456789").limit(12).toArray(String[]::new)));
      ByteBuffer[] room = {ByteBuffer.allocate(2), ByteBuffer.allocate(3), ByteBuffer.allocate(100)};
      channel.read(room);
      while (channel.read(ByteBuffer.allocate(10)) >= 0) {}
    }
  }

  private static void datagram(SocketAddress to) throws IOException {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(to);
      channel.write(pieces("question")[0]);
      channel.read(ByteBuffer.allocate(100));
    }
  }

  private static ByteBuffer[] pieces(String... texts) {
    return Stream.of(texts).map(t -> ByteBuffer.wrap(t.getBytes(StandardCharsets.UTF_8))).toArray(ByteBuffer[]::new);
  }
}
