package io.mop.capture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Listens on a free port of loopback, or with an argument of any address, prints it, and ends with its input. */
public final class Listener {
  public static void main(String[] args) throws IOException {
    InetAddress address = args.length > 0 ? new InetSocketAddress(0).getAddress() : InetAddress.getLoopbackAddress();
    try (ServerSocket socket = new ServerSocket(0, 1, address)) {
      System.out.println(socket.getLocalPort());
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }
}
