package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A copy of nginx with two workers on a free loopback port, everything of it in one directory. It answers {@code
 * /plain/*}, {@code /chunked/*} (by gzip, if the client takes it), {@code /big/*}, {@code /busy/*} (503), {@code
 * /post/*} (201) and, for all else, 404. Its process is the master; the workers are children of it.
 */
final class Nginx extends Server {
  private static final int BIG = 100_000;

  private final Path directory;

  private Nginx(Path directory, int port, List<String> command) throws IOException {
    super(directory, port, command);
    this.directory = directory;
  }

  /**
   * Returns when it accepts connections. Skips the test on a machine without nginx.
   *
   * @param directory is made
   */
  static Nginx start(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("big.txt"), "big ".repeat(BIG / 4));
      int port = Children.freePort();
      Path config = Files.writeString(directory.resolve("nginx.conf"), config(directory, port));
      return new Nginx(
          directory, port,
          List.of(binary("nginx"), "-p", directory.toString(), "-c", config.toString(), "-e", "stderr"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String config(Path directory, int port) {
    return """
        daemon off;
        user root;
        worker_processes 2;
        pid "DIR/nginx.pid";
        error_log stderr warn;
        events { worker_connections 256; }
        http {
          log_format request '$request_method $request_uri $status';
          access_log "DIR/access.log" request;
          client_body_temp_path "DIR/body";
          proxy_temp_path "DIR/proxy";
          fastcgi_temp_path "DIR/fastcgi";
          uwsgi_temp_path "DIR/uwsgi";
          scgi_temp_path "DIR/scgi";
          keepalive_requests 1000000;
          keepalive_timeout 600s;
          gzip_types text/plain;
          gzip_min_length 1;
          server {
            listen 127.0.0.1:PORT;
            default_type text/plain;
            location /plain/ { return 200 "a text with a length"; }
            location /chunked/ { gzip on; return 200 "LONG"; }
            location ~ ^/big/ { alias "DIR/big.txt"; }
            location /busy/ { return 503; }
            location /post/ { return 201 "made"; }
            location / { return 404; }
          }
        }
        """
        .replace("DIR", directory.toString())
        .replace("PORT", Integer.toString(port))
        .replace("LONG", "chunk ".repeat(500));
  }

  /** The access log, {@code METHOD URI STATUS} a line, when it has so many: a line is written after the answer. */
  List<String> log(int lines) {
    Path log = directory.resolve("access.log");
    Await.until("nginx has logged " + lines + " requests", () -> read(log).lines().count() >= lines, () -> "");
    return read(log).lines().toList();
  }
}
