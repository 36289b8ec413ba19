package io.mop.plugins.otlp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/**
 * Lets a number of bytes of the first connection through to a port, then cuts it at once or, if it is to stall, when
 * closed; takes no other connection.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final Thread thread;
  private final CountDownLatch mayCut;
  private volatile boolean cut;

  CuttingProxy(int port, int bytes) throws IOException {
    this(port, bytes, false);
  }

  CuttingProxy(int port, int bytes, boolean stall) throws IOException {
    mayCut = new CountDownLatch(stall ? 1 : 0);
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
      byte[] chunk = new byte[8192];
      for (int left = bytes; left > 0;) {
        int n = client.getInputStream().read(chunk, 0, Math.min(left, chunk.length));
        if (n < 0) break;
        server.getOutputStream().write(chunk, 0, n);
        left -= n;
      }
      mayCut.await();
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
    mayCut.countDown();
    listener.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
