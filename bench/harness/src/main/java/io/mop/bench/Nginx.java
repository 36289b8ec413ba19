package io.mop.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A copy of nginx of its own: configuration and files in one directory, one loopback port, stopped by its pid. */
final class Nginx implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Path directory;

  /** Returns when it accepts connections. */
  Nginx() throws IOException {
    directory = Files.createTempDirectory("mop-nginx-");
    // Its worker is another user when it was started by root.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    port = Host.freePort();
    Path config = Files.writeString(directory.resolve("nginx.conf"), config());
    Path output = directory.resolve("output.log");
    process =
        new ProcessBuilder(binary(), "-p", directory.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!accepts()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        String said = Files.readString(output).strip();
        close();
        throw new IOException("nginx did not start: " + said);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static String binary() {
    // A user's PATH often lacks /usr/sbin.
    return Files.isExecutable(Path.of("/usr/sbin/nginx")) ? "/usr/sbin/nginx" : "nginx";
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String config() {
    return """
        daemon off;
        worker_processes 1;
        pid "DIR/nginx.pid";
        error_log "DIR/error.log" warn;
        events { worker_connections 256; }
        http {
          access_log off;
          client_body_temp_path "DIR/body";
          proxy_temp_path "DIR/proxy";
          fastcgi_temp_path "DIR/fastcgi";
          uwsgi_temp_path "DIR/uwsgi";
          scgi_temp_path "DIR/scgi";
          keepalive_requests 1000000;
          server { listen 127.0.0.1:PORT; location / { return 200 "ok"; } }
        }
        """
        .replace("DIR", directory.toString())
        .replace("PORT", Integer.toString(port));
  }

  int port() {
    return port;
  }

  /** Of the master; its worker is a child of it. */
  long pid() {
    return process.pid();
  }

  @Override
  public void close() throws IOException {
    Host.stop(process);
    Host.delete(directory);
  }
}
