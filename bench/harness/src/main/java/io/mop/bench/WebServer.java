package io.mop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A web server of its own that answers what {@link HttpLoad} asks and logs {@code METHOD PATH STATUS} of each answer.
 */
final class WebServer implements AutoCloseable {
  /** With the time of the answer behind it: seconds with milliseconds. */
  private static final String NGINX_LOG =
      """
      log_format exchange '$request_method $uri $status $msec';
          access_log "LOG" exchange buffer=256k;
          limit_req_zone $binary_remote_addr zone=slow:64k rate=200r/s;
          limit_req_log_level notice;
      """;
  private static final String NGINX_LOCATIONS =
      """
      location /orders/ { if ($request_method = POST) { return 201 "done"; } return 200 "done"; }
          location /busy/ { return 503 "busy"; }
          location /slow/ { limit_req zone=slow burst=1; try_files /none =404; }
          location / { return 404 "missing"; }
      """;

  private final String name;
  private final int port;
  private final long pid;
  private final Path log;
  private final AutoCloseable server;
  private boolean closed;

  private WebServer(String name, int port, long pid, Path log, AutoCloseable server) {
    this.name = name;
    this.port = port;
    this.pid = pid;
    this.log = log;
    this.server = server;
  }

  static WebServer nginx(Path directory) throws IOException {
    Path log = directory.resolve("nginx.log");
    Nginx nginx = new Nginx(NGINX_LOG.replace("LOG", log.toString()), NGINX_LOCATIONS);
    return new WebServer("nginx", nginx.port(), nginx.pid(), log, nginx);
  }

  static WebServer jdk(Path directory) throws IOException {
    int port = Host.freePort();
    Path log = directory.resolve("jdk.log");
    return start("jdk", port, log, Host.java(JdkServer.class, Integer.toString(port), log.toString()));
  }

  /** Asks the server on the port {@code next} for what it is asked for. */
  static WebServer front(Path directory, int next) throws IOException {
    int port = Host.freePort();
    Path log = directory.resolve("front.log");
    return start("front", port, log, Host.java(JdkServer.class, "" + port, log.toString(), "" + next));
  }

  static WebServer node(Path directory) throws IOException {
    return script("node", "node", "server.js", directory);
  }

  static WebServer python(Path directory) throws IOException {
    return script("python", "python3", "server.py", directory);
  }

  private static WebServer script(String name, String program, String script, Path directory) throws IOException {
    Path file = directory.resolve(script);
    try (InputStream in = WebServer.class.getResourceAsStream(script)) {
      Files.copy(in, file);
    }
    int port = Host.freePort();
    Path log = directory.resolve(name + ".log");
    List<String> command = List.of(program, file.toString(), Integer.toString(port), log.toString());
    return start(name, port, log, new ProcessBuilder(command));
  }

  private static WebServer start(String name, int port, Path log, ProcessBuilder builder) throws IOException {
    Path output = log.resolveSibling(name + ".out");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    WebServer server = new WebServer(name, port, process.pid(), log, () -> Host.stop(process));
    try {
      Host.awaitPort(process, port, output);
    } catch (IOException e) {
      Host.stop(process);
      throw e;
    }
    return server;
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  /** Of the process; workers are children of it. */
  long pid() {
    return pid;
  }

  /** Complete after {@link #close}. */
  List<String> log() throws IOException {
    return Files.readAllLines(log);
  }

  /** Once: a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (closed) return;
    closed = true;
    try {
      server.close();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
