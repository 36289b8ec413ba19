package io.mop.itest;

import io.mop.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * A PostgreSQL server of its own, run by the user nobody: on a free loopback port and a unix socket, everything of it
 * in one directory. It counts what it executes (pg_stat_statements).
 */
final class Postgresql implements AutoCloseable {
  private static final int NOBODY = 65534;
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid", "" + NOBODY, "--regid", "" + NOBODY, "--clear-groups");

  private final Path binaries;
  private final Path directory;
  private final int port;
  private final boolean tls;
  private final Process process;

  private Postgresql(Path binaries, Path directory, int port, boolean tls) throws IOException {
    this.binaries = binaries;
    this.directory = directory;
    this.port = port;
    this.tls = tls;
    process = start(AS_NOBODY, "postgres", "-D", directory.resolve("data").toString(), "-k", directory.toString(),
        "-h", "127.0.0.1", "-p", "" + port, "-F", "-c", "shared_preload_libraries=pg_stat_statements",
        "-c", "ssl=" + (tls ? "on" : "off"));
  }

  /**
   * Returns when it answers. Skips the test on a machine without PostgreSQL.
   *
   * @param directory is made; others must be able to enter those above
   */
  static Postgresql start(Path directory) throws IOException, InterruptedException {
    return start(directory, false);
  }

  /** As {@link #start}; over TCP its clients insist on TLS. */
  static Postgresql tls(Path directory) throws IOException, InterruptedException {
    return start(directory, true);
  }

  private static Postgresql start(Path directory, boolean tls) throws IOException, InterruptedException {
    Path binaries = binaries();
    Files.createDirectories(directory);
    Files.setAttribute(directory, "unix:uid", NOBODY);
    List<String> init = new ArrayList<>(AS_NOBODY);
    init.add(binaries.resolve("initdb").toString());
    init.addAll(List.of("-D", directory.resolve("data").toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8"));
    init.addAll(List.of("--locale=C", "-N"));
    finish(new ProcessBuilder(init).directory(directory.toFile()).redirectErrorStream(true).start());
    if (tls) {
      new TestCertificates("postgresql").issue("localhost", "EC").write(directory.resolve("data"), "server");
      Path key = directory.resolve("data/server.key");
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
      Files.setAttribute(key, "unix:uid", NOBODY);
    }
    Postgresql server = new Postgresql(binaries, directory, Children.freePort(), tls);
    Await.until("PostgreSQL answers", server::answers, server::log);
    return server;
  }

  private static Path binaries() throws IOException {
    Path versions = Path.of("/usr/lib/postgresql");
    if (Files.isDirectory(versions)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(versions)) {
        for (Path version : found) {
          if (Files.isExecutable(version.resolve("bin/postgres"))) return version.resolve("bin");
        }
      }
    }
    return Assumptions.abort("needs PostgreSQL in /usr/lib/postgresql/VERSION/bin");
  }

  private Process start(List<String> before, String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log.txt").toFile()))
        .start();
  }

  /** What it prints until its end. */
  static String finish(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) throw new AssertionError(output);
    return output;
  }

  private boolean answers() {
    try {
      if (!process.isAlive()) throw new AssertionError("PostgreSQL ended: " + log());
      String program = binaries.resolve("pg_isready").toString();
      return new ProcessBuilder(program, "-q", "-h", directory.toString(), "-p", "" + port).start().waitFor() == 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("log.txt"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  /** Of the postmaster; there is a child of it for each connection. */
  long pid() {
    return process.pid();
  }

  /** {@code psql} or {@code pgbench}, and what it prints. */
  String client(String program, boolean unix, String... arguments) throws IOException, InterruptedException {
    return finish(run(List.of(), program, unix, arguments));
  }

  /** @param before what runs it */
  Process run(List<String> before, String program, boolean unix, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of("-h", unix ? directory.toString() : "127.0.0.1", "-p", "" + port, "-U", "postgres"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().put("PGSSLMODE", tls ? "require" : "disable");
    return builder.start();
  }

  /** A psql that runs what is written to it, and ends with that; it is connected when this returns. */
  Process open(boolean unix) throws IOException {
    Process psql = run(List.of(), "psql", unix, "-X", "-q", "-At", "postgres");
    psql.outputWriter().append("\\echo connected\n").flush();
    if (!"connected".equals(psql.inputReader().readLine())) throw new AssertionError("psql is not connected");
    return psql;
  }

  /** Rows of a query, columns separated by {@code |}. */
  List<String> rows(String sql) throws IOException, InterruptedException {
    return client("psql", true, "-X", "-At", "-c", sql, "postgres").lines().toList();
  }

  /** Lets others in: temporary directories are for their owner only. */
  static void letNobodyIn(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** SIGINT is its fast end: SIGTERM would wait for clients. */
  @Override
  public void close() {
    if (!process.isAlive()) return;
    try {
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Children.awaitExit(process);
  }
}
