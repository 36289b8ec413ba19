package io.mop.plugins.postgresql;

import io.mop.testkit.Conversation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What psql, pgbench and a client of the test's own said to a PostgreSQL 15 server, and the statements in it. */
record Fixture(String name, Conversation conversation, List<String> statements) {
  private static final List<String> SCRIPT = List.of(
      "insert into orders values ($1, ?) on conflict (id) do update set name = excluded.name",
      "select name from orders where id = $1",
      "delete from orders where id = $1");
  private static final List<String> PIPELINE = List.of(
      "select name from orders where id = ?",
      "insert into parent values (?) on conflict do nothing",
      "select count(*) from child where id = ?");

  @Override
  public String toString() {
    return name;
  }

  private static Fixture of(String name, String... statements) {
    return of(name, List.of(statements));
  }

  private static Fixture of(String name, List<String> statements) {
    return new Fixture(name, Conversation.read(Fixture.class, name + ".txt"), statements);
  }

  private static List<String> times(int n, List<String> statements) {
    return Collections.nCopies(n, statements).stream().flatMap(List::stream).toList();
  }

  static Fixture extended() {
    return of("extended",
        "select name from orders where id = $1",
        "select name from orders where id = $1",
        "select name from orders where id = $1 !22P02",
        "select name from orders where id = $1",
        "select * from missing !42P01",
        "selct secret !42601",
        "select ? !42P05",
        "select generate_series(?, ?)",
        "select generate_series(?, ?)",
        "select generate_series(?, ?)",
        "insert into child values (?)",
        "<SYNC> !23503",
        "<test>",
        "update orders set name = $1 where id = $2",
        "select ?",
        "select ?",
        "select ?",
        "select ?",
        "<FUNCTION CALL>",
        "deallocate all",
        "select pg_terminate_backend(pg_backend_pid()) !57P01");
  }

  /** Those without an error that makes the server skip what was sent. */
  static List<Fixture> plain() {
    return List.of(
        of("psql-simple",
            "select id, name from orders where name = ? and id in (?)",
            "insert into orders values (?, ?), (?, ?)",
            "select ? ; update orders set name = ? where id = ? ; select name from orders where id > ?",
            "<test>",
            "select * from missing where token = ? !42P01",
            "do ?",
            "listen events",
            "notify events, ?",
            "set application_name to ?",
            "begin",
            "delete from orders where id = ?",
            "commit"),
        of("psql-copy",
            "COPY orders FROM STDIN csv",
            "copy orders to stdout",
            "COPY orders FROM STDIN csv !22P02",
            "select count(*) from orders"),
        of("psql-scram", "select current_user"),
        of("psql-refused"),
        of("pgbench-extended", times(3, SCRIPT)),
        of("pgbench-prepared", times(3, SCRIPT)),
        of("pgbench-pipeline", times(2, PIPELINE)),
        of("copy-extended",
            "copy orders from stdin",
            "copy orders from stdin !57014",
            "copy orders from stdin !22P02",
            "copy orders from stdin !57014",
            "copy (select ?) to stdout",
            "select ?"),
        of("cancelled", "select pg_sleep(?) !57014", "select ?"),
        of("cancel"),
        of("negotiated", "select ?"));
  }

  static List<Fixture> all() {
    List<Fixture> all = new ArrayList<>(plain());
    all.add(extended());
    return all;
  }
}
