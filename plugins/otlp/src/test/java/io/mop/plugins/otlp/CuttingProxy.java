package io.mop.plugins.otlp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Lets a number of bytes of the first connection through to a port, then cuts it; takes no other connection. */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final Thread thread;
  private volatile boolean cut;

  CuttingProxy(int port, int bytes) throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    thread = new Thread(() -> forward(port, bytes), "cutting-proxy");
    thread.start();
  }

  private void forward(int port, int bytes) {
    try (Socket client = listener.accept(); Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
      listener.close();
      Thread back = new Thread(() -> {
        try {
          server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
          // cut
        }
      }, "cutting-proxy-back");
      back.start();
      for (int i = 0; i < bytes; i++) {
        int b = client.getInputStream().read();
        if (b < 0) break;
        server.getOutputStream().write(b);
      }
      server.shutdownOutput();
      back.join();
    } catch (IOException e) {
      // the other side was faster
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      cut = true;
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  boolean hasCut() {
    return cut;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
