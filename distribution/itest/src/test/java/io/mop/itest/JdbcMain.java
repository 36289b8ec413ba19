package io.mop.itest;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** A program to be observed, {@code PORT SECRET}: uses PostgreSQL by JDBC in every way once it is told to. */
final class JdbcMain {
  static final int PREPARED = 10;
  static final int BATCH = 50;
  static final int ROWS = 95;
  static final int FETCHED = 10;

  private final int port;
  private final String secret;

  private JdbcMain(int port, String secret) {
    this.port = port;
    this.secret = secret;
  }

  public static void main(String[] args) throws Exception {
    JdbcMain main = new JdbcMain(Integer.parseInt(args[0]), args[1]);
    try (Connection early = main.connect("extended")) {
      main.prepared(early, "early");
      System.out.println("ready");
      new InputStreamReader(System.in).read();
      main.prepared(early, "early");
    }
    main.extended();
    main.simple();
    System.out.println("done");
  }

  private Connection connect(String mode) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", "postgres");
    properties.put("sslmode", "disable");
    properties.put("preferQueryMode", mode);
    properties.put("prepareThreshold", "3");
    return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", properties);
  }

  private void extended() throws SQLException, IOException {
    try (Connection c = connect("extended"); Statement s = c.createStatement()) {
      prepared(c, "later");
      s.execute("create table notes (id int primary key, note text)");
      batch(c);
      fetch(c);
      copy(c);
      fails(s, "select 42/0", "22012");
      fails(s, "selec 'typing error'", "42601");
      s.setQueryTimeout(1);
      fails(s, "select pg_sleep(60)", "57014");
      s.setQueryTimeout(0);
      check(one(s.executeQuery("select 'goes on' afterwards")).equals("goes on"));
    }
  }

  /** The driver prepares it at the server from its third time on. */
  private void prepared(Connection c, String name) throws SQLException {
    try (PreparedStatement p = c.prepareStatement("select ?::text " + name)) {
      for (int i = 0; i < PREPARED; i++) {
        p.setString(1, secret + i);
        check(one(p.executeQuery()).equals(secret + i));
      }
    }
  }

  private void batch(Connection c) throws SQLException {
    c.setAutoCommit(false);
    try (PreparedStatement p = c.prepareStatement("insert into notes values (?, ?)")) {
      for (int i = 0; i < BATCH; i++) {
        p.setInt(1, i);
        p.setString(2, secret);
        p.addBatch();
      }
      check(IntStream.of(p.executeBatch()).sum() == BATCH);
    }
    c.commit();
    c.setAutoCommit(true);
  }

  /** The rows come by and by: the portal is suspended. */
  private void fetch(Connection c) throws SQLException {
    c.setAutoCommit(false);
    try (PreparedStatement p = c.prepareStatement("select n, ?::text from generate_series(1, ?) n")) {
      p.setFetchSize(FETCHED);
      p.setString(1, secret);
      p.setInt(2, ROWS);
      int rows = 0;
      for (ResultSet all = p.executeQuery(); all.next(); ) rows++;
      check(rows == ROWS);
    }
    c.rollback();
    c.setAutoCommit(true);
  }

  private void copy(Connection c) throws SQLException, IOException {
    CopyManager copies = c.unwrap(PGConnection.class).getCopyAPI();
    String lines = IntStream.range(1000, 3000).mapToObj(i -> i + "\t" + secret + "\n").collect(Collectors.joining());
    check(copies.copyIn("copy notes from stdin", new StringReader(lines)) == 2000);
    StringWriter out = new StringWriter();
    check(copies.copyOut("copy notes to stdout", out) == 2000 + BATCH);
    check(out.toString().endsWith(lines));
  }

  private void simple() throws SQLException {
    try (Connection c = connect("simple"); Statement s = c.createStatement()) {
      try (PreparedStatement p = c.prepareStatement("select ?::text simply, ?::int8")) {
        p.setString(1, secret);
        p.setLong(2, 424_242);
        check(one(p.executeQuery()).equals(secret));
      }
      s.execute("select 1 uno; select 2 due");
      fails(s, "select 'simple'::int", "22P02");
    }
  }

  private static void fails(Statement s, String sql, String state) {
    try {
      s.execute(sql);
    } catch (SQLException e) {
      check(state.equals(e.getSQLState()));
      return;
    }
    throw new AssertionError(sql + " has not failed");
  }

  private static String one(ResultSet rows) throws SQLException {
    check(rows.next());
    return rows.getString(1);
  }

  private static void check(boolean condition) {
    if (!condition) throw new AssertionError();
  }
}
