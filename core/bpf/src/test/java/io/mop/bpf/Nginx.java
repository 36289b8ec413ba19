package io.mop.bpf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** A real server with files of known content, on a free loopback port, as a process of the test. */
final class Nginx implements AutoCloseable {
  private final int port;
  private final Path root;
  private final Child child;

  /** @param workers 0 = one process that does all */
  Nginx(Path directory, int workers, boolean sendfile) {
    try {
      root = Files.createDirectories(directory.resolve("files"));
      try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = free.getLocalPort();
      }
      Path configuration = directory.resolve("nginx.conf");
      Files.writeString(configuration, configuration(directory, workers, sendfile));
      child = new Child("nginx", "-p", directory.toString(), "-c", configuration.toString(), "-e", "stderr");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String configuration(Path directory, int workers, boolean sendfile) {
    return """
        daemon off; master_process %s; worker_processes %d; pid nginx.pid; user root;
        error_log stderr crit;
        events { worker_connections 256; }
        http {
          access_log off; keepalive_requests 1000000; keepalive_timeout 600s; server_tokens off;
          sendfile %s; output_buffers 2 16k;
          client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server { listen 127.0.0.1:%d; root %s; }
        }
        """
        .formatted(
            workers > 0 ? "on" : "off", Math.max(1, workers), sendfile ? "on" : "off", port, root);
  }

  /** A file of {@code bytes} bytes that begins with {@code text}. */
  Nginx file(String name, String text, int bytes) {
    try {
      StringBuilder content = new StringBuilder(text);
      while (content.length() < bytes) content.append((char) ('a' + content.length() % 26));
      content.setLength(bytes);
      Files.writeString(root.resolve(name), content);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets it run and waits until it accepts. */
  Nginx run() {
    child.run();
    for (long end = System.nanoTime() + 60_000_000_000L; ; LockSupport.parkNanos(5_000_000)) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return this;
      } catch (IOException e) {
        if (System.nanoTime() > end || !child.alive()) throw new AssertionError("nginx does not accept", e);
      }
    }
  }

  int pid() {
    return child.pid();
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    child.close();
  }
}
