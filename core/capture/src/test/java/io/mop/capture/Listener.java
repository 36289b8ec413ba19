package io.mop.capture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Listens on a free loopback port, prints it, and ends with its standard input. */
public final class Listener {
  public static void main(String[] args) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      System.out.println(socket.getLocalPort());
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }
}
