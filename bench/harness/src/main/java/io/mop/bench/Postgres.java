package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PostgreSQL server of its own, run by the user nobody, on a free loopback port and a unix socket, everything of it
 * in one directory. It counts what it executes (pg_stat_statements). Needs root.
 */
final class Postgres implements AutoCloseable {
  private static final int NOBODY = 65534;
  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid", "" + NOBODY, "--regid", "" + NOBODY, "--clear-groups");
  private static final Pattern PROCESSED = Pattern.compile("actually processed: (\\d+)/(\\d+)");

  private final Path binaries = binaries();
  private final Path directory;
  private final int port = Host.freePort();
  private final Process process;

  /** @param directory is made; others must be able to enter those above */
  Postgres(Path directory) throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    Files.setAttribute(directory, "unix:uid", NOBODY);
    Path data = directory.resolve("data");
    Host.output(
        nobody("initdb", "-D", data.toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"));
    Path output = directory.resolve("log.txt");
    process = nobody("postgres", "-D", data.toString(), "-k", directory.toString(), "-h", "127.0.0.1", "-p", "" + port,
            "-F", "-c", "shared_preload_libraries=pg_stat_statements")
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      Host.awaitPort(process, port, output);
      awaitReady();
      client("pgbench", false, "-i", "-q", "postgres");
      rows("create extension pg_stat_statements");
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  private static Path binaries() throws IOException {
    try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of("/usr/lib/postgresql"))) {
      for (Path version : versions) {
        if (Files.isExecutable(version.resolve("bin/postgres"))) return version.resolve("bin");
      }
    }
    throw new IOException("there is no PostgreSQL in /usr/lib/postgresql");
  }

  /** It accepts connections before it takes sessions. */
  private void awaitReady() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String[] ready = {binaries.resolve("pg_isready").toString(), "-q", "-h", directory.toString(), "-p", "" + port};
    while (new ProcessBuilder(ready).start().waitFor() != 0) {
      if (System.nanoTime() > end) throw new IOException("PostgreSQL is not ready after 60 s");
    }
  }

  private ProcessBuilder nobody(String program, String... arguments) {
    List<String> command = new ArrayList<>(AS_NOBODY);
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).directory(directory.toFile());
  }

  int port() {
    return port;
  }

  /** Of the postmaster; there is a child of it for each connection. */
  long pid() {
    return process.pid();
  }

  private String client(String program, boolean unix, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(binaries.resolve(program).toString()));
    command.addAll(List.of("-h", unix ? directory.toString() : "127.0.0.1", "-p", "" + port, "-U", "postgres"));
    command.addAll(List.of(arguments));
    return Host.output(new ProcessBuilder(command).directory(directory.toFile()));
  }

  /** The rows that a query brings, columns separated by {@code |}. */
  List<String> rows(String sql) throws IOException, InterruptedException {
    return client("psql", true, "-X", "-At", "-c", sql, "postgres").lines().toList();
  }

  /** How many results and errors psql has printed, a line each, to statements that it sends one by one over TCP. */
  long results(Path statements) throws IOException, InterruptedException {
    String said = client("psql", false, "-X", "-At", "-v", "VERBOSITY=terse", "-f", statements.toString(), "postgres");
    return said.lines().count();
  }

  /**
   * pgbench's transactions of one SELECT each.
   *
   * @param mode simple, extended or prepared
   * @return how many pgbench has counted
   */
  int bench(String mode, boolean unix, int clients, int transactions) throws IOException, InterruptedException {
    String said =
        client("pgbench", unix, "-n", "-S", "-M", mode, "-c", "" + clients, "-t", "" + transactions, "postgres");
    Matcher counted = PROCESSED.matcher(said);
    if (!counted.find() || !counted.group(1).equals(counted.group(2))) throw new IOException("pgbench: " + said);
    return Integer.parseInt(counted.group(1));
  }

  /** SIGINT is its fast end: SIGTERM would wait for clients. */
  @Override
  public void close() {
    try {
      Host.signal("INT", process.pid());
      process.waitFor();
    } catch (IOException e) {
      Host.stop(process);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
