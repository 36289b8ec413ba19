package io.mop.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What redis-cli and psql ask one by one: with errors, and some that the server takes 5 ms or more for. */
final class OneByOne {
  private static final int REPEATED = 10;
  private static final List<String> COMMANDS =
      List.of(
          "SET text word",
          "GET text",
          "INCR text", // ERR
          "LPUSH list element",
          "GET list", // WRONGTYPE
          "BLPOP none 0.005",
          "HSET hash field value",
          "PING");

  private static final List<String> STATEMENTS =
      List.of(
          "SELECT abalance FROM pgbench_accounts WHERE aid = %d;",
          "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = %d;",
          "SELECT 1 / 0;", // 22012
          "INSERT INTO pgbench_history (tid, filler) VALUES (%d, 'text');",
          "SELECT pg_sleep(0.005);",
          "SELECT count(*) FROM pgbench_branches;",
          "SELECT missing FROM pgbench_tellers WHERE tid = %d;", // 42703
          "DELETE FROM pgbench_history WHERE tid = %d;");

  private OneByOne() {}

  /** Ten times each on connections of their own; the replies that redis-cli has printed, at least {@code n}. */
  static long redis(Redis server, int n) throws IOException, InterruptedException {
    long replies = 0;
    for (int i = 0; replies < n; i++) replies += server.replies(REPEATED, COMMANDS.get(i % COMMANDS.size()));
    return replies;
  }

  /**
   * So many on one connection; the results and errors that psql has printed.
   *
   * @param script is written
   */
  static long postgresql(Postgres server, Path script, int n) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    for (int i = 1; i <= n; i++) lines.add(STATEMENTS.get(i % STATEMENTS.size()).replace("%d", "" + i));
    return server.results(Files.write(script, lines));
  }
}
