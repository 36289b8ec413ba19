package io.mop.bpf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** A program to be observed: sends {@link HttpMessages} to a test and reads what comes, in calls of any size. */
final class HttpTalker {
  private HttpTalker() {}

  /** Port; then a line of the test: seed, number of messages to send, whether they are requests, bytes to read. */
  public static void main(String[] args) throws IOException {
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])))) {
      channel.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
      String[] words = new String(System.in.readNBytes(Integer.parseInt(args[1])), StandardCharsets.US_ASCII).split(" ");
      long seed = Long.parseLong(words[0]);
      HttpMessages messages = HttpMessages.of(seed, Boolean.parseBoolean(words[2]), Integer.parseInt(words[1]));
      for (ByteBuffer[] call : messages.calls()) while (remaining(call)) channel.write(call);
      read(channel, Long.parseLong(words[3].strip()), new Random(seed));
    }
  }

  private static boolean remaining(ByteBuffer[] call) {
    for (ByteBuffer piece : call) if (piece.hasRemaining()) return true;
    return false;
  }

  private static void read(SocketChannel channel, long bytes, Random random) throws IOException {
    for (long left = bytes; left > 0; ) {
      ByteBuffer[] room = new ByteBuffer[1 + random.nextInt(4)];
      for (int i = 0; i < room.length; i++) room[i] = ByteBuffer.allocateDirect(1 + random.nextInt(40_000));
      long n = channel.read(room);
      if (n < 0) throw new IOException(left + " bytes did not come");
      left -= n;
    }
  }
}
