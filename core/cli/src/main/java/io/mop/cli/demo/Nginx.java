package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A copy of nginx of its own, in front of another server: configuration, logs and temporary files in one directory, one
 * loopback port. Runs as root and as any user.
 */
final class Nginx implements AutoCloseable {
  /** Sent by {@code /slow} at 64 KiB/s: about one second. */
  private static final int SLOW_BYTES = 96 << 10;

  private final Process process;
  private final int port;
  private final Path directory;

  private Nginx(Process process, int port, Path directory) {
    this.process = process;
    this.port = port;
    this.directory = directory;
  }

  /** On PATH, else where distributions put it: a user's PATH often lacks /usr/sbin. */
  static Optional<Path> find(String path) {
    List<String> directories = new ArrayList<>(List.of((path == null ? "" : path).split(":")));
    directories.addAll(List.of("/usr/sbin", "/usr/local/sbin"));
    return directories.stream()
        .filter(d -> !d.isEmpty())
        .map(d -> Path.of(d, "nginx"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Returns when it accepts connections.
   *
   * @param directory is made
   * @param upstream loopback port that gets what is below /api/
   * @throws CommandException it did not start; with what it said
   */
  static Nginx start(Path binary, Path directory, int upstream)
      throws CommandException, IOException, InterruptedException {
    Files.createDirectory(directory);
    Files.writeString(directory.resolve("slow.txt"), "x".repeat(SLOW_BYTES));
    String said = "";
    // Another process may take the free port first.
    for (int attempt = 0; attempt < 3; attempt++) {
      int port = Ports.free(1).get(0);
      Path config = Files.writeString(directory.resolve("nginx.conf"), config(directory, port, upstream));
      Path output = directory.resolve("output.log");
      List<String> command =
          Children.command(binary.toString(), "-p", directory.toString(), "-c", config.toString());
      Process process =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
      if (accepts(process, port)) return new Nginx(process, port, directory);
      Children.stop(process);
      said = Files.readString(output).strip();
      if (!said.contains("Address already in use")) break;
    }
    throw new CommandException(
        ExitCode.FAILURE, "nginx did not start: " + (said.isEmpty() ? "it said nothing." : said));
  }

  private static boolean accepts(Process process, int port) throws InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < limit) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return true;
      } catch (IOException e) {
        if (process.waitFor(20, TimeUnit.MILLISECONDS)) return false;
      }
    }
    return false;
  }

  static String config(Path directory, int port, int upstream) {
    return """
        daemon off;
        worker_processes 1;
        pid "DIR/nginx.pid";
        error_log "DIR/error.log" warn;
        events { worker_connections 512; }
        http {
          log_format demo '$request_uri $status';
          access_log "DIR/access.log" demo;
          client_body_temp_path "DIR/body";
          proxy_temp_path "DIR/proxy";
          fastcgi_temp_path "DIR/fastcgi";
          uwsgi_temp_path "DIR/uwsgi";
          scgi_temp_path "DIR/scgi";
          keepalive_requests 1000000;
          upstream orders {
            server 127.0.0.1:UPSTREAM;
            keepalive 64;
            keepalive_requests 1000000;
            # The JDK's server closes what is idle for 30 s.
            keepalive_timeout 15s;
          }
          server {
            listen 127.0.0.1:PORT;
            default_type application/json;
            location = / { default_type text/plain; return 200 "seen by MOP"; }
            location /api/ {
              proxy_pass http://orders;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              # A second try would be a request that no client made.
              proxy_next_upstream off;
            }
            location = /slow { alias "DIR/slow.txt"; limit_rate 64k; }
            location = /broken { return 503; }
            location / { return 404; }
          }
        }
        """
        .replace("DIR", directory.toString())
        .replace("UPSTREAM", Integer.toString(upstream))
        .replace("PORT", Integer.toString(port));
  }

  int port() {
    return port;
  }

  /** Of the master; its worker is a child of it. */
  long pid() {
    return process.pid();
  }

  /**
   * Requests in the access log, once there are {@code expected} or after {@code limit}: nginx logs an answer after it
   * was sent, one under {@code limit_rate} up to a second later.
   */
  long requestsLogged(long expected, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      long logged;
      try (Stream<String> lines = Files.lines(directory.resolve("access.log"))) {
        logged = lines.count();
      }
      if (logged >= expected || System.nanoTime() > end || process.waitFor(20, TimeUnit.MILLISECONDS)) return logged;
    }
  }

  @Override
  public void close() {
    Children.stop(process);
  }
}
