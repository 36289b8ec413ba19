package io.mop.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A copy of nginx of its own: configuration and files in one directory, one loopback port, stopped by its pid. */
final class Nginx implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Path directory;

  /** Answers 200 to everything and logs nothing. Returns when it accepts connections. */
  Nginx() throws IOException {
    this("access_log off;", "location / { return 200 \"ok\"; }");
  }

  /**
   * @param http lines of the block {@code http}
   * @param locations lines of the only server
   */
  Nginx(String http, String locations) throws IOException {
    directory = Files.createTempDirectory("mop-nginx-");
    // Its worker is another user when it was started by root.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    port = Host.freePort();
    Path config = Files.writeString(directory.resolve("nginx.conf"), config(http, locations));
    Path output = directory.resolve("output.log");
    process =
        new ProcessBuilder(binary(), "-p", directory.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      Host.awaitPort(process, port, output);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static String binary() {
    // A user's PATH often lacks /usr/sbin.
    return Files.isExecutable(Path.of("/usr/sbin/nginx")) ? "/usr/sbin/nginx" : "nginx";
  }

  private String config(String http, String locations) {
    return """
        daemon off;
        worker_processes 1;
        pid "DIR/nginx.pid";
        error_log "DIR/error.log" warn;
        events { worker_connections 1024; }
        http {
          HTTP
          client_body_temp_path "DIR/body";
          proxy_temp_path "DIR/proxy";
          fastcgi_temp_path "DIR/fastcgi";
          uwsgi_temp_path "DIR/uwsgi";
          scgi_temp_path "DIR/scgi";
          keepalive_requests 1000000;
          server { listen 127.0.0.1:PORT; LOCATIONS }
        }
        """
        .replace("HTTP\n", http + "\n")
        .replace("LOCATIONS", locations)
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
