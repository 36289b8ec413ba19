package io.mop.plugins.postgresql;

import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.data.Text;

/** What both directions of a connection share. */
final class Session {
  private static final Text POSTGRESQL = Text.of("postgresql");
  private static final String COLLECTION = "db.collection.name";

  final PostgresqlProtocol config;
  final Exchanges out;
  final Pending pending = new Pending();
  /** Prepared statements, and what portals run. */
  final Statements statements;
  final Statements portals;
  /** Of the StartupMessage; empty if it was not seen. */
  Text database = Text.of("");
  /** The answer to a request for encryption, one byte, is to come. */
  boolean negotiating;
  /** The first message was seen: the server's bytes begin with its answer. */
  boolean atStart;
  /** The server takes what the client copies to it. */
  boolean copying;
  /** The client has said that it ends the connection. */
  boolean terminated;

  Session(PostgresqlProtocol config, Exchanges out) {
    this.config = config;
    this.out = out;
    statements = new Statements(config.maxStatements(), config.maxBytes());
    portals = new Statements(config.maxStatements(), config.maxBytes());
  }

  /** Forgets what is not sure after a loss; the database stays what it is. */
  void reset() {
    pending.clear();
    statements.clear();
    portals.clear();
    negotiating = atStart = copying = terminated = false;
  }

  /** Opens an exchange. */
  Exchange open(Statement s, long time) {
    Exchange x = out.request(Exchanges.NEXT, time).set("db.system.name", POSTGRESQL);
    set(x, "db.namespace", database);
    set(x, "db.query.summary", s.summary());
    set(x, "db.operation.name", s.operation());
    if (s.collection().length() > 0) set(x, COLLECTION, out.bounded(COLLECTION, s.collection()));
    if (config.queryText()) set(x, "db.query.text", s.text());
    if (s.summary().length() > 0) x.name(s.summary());
    return x;
  }

  private static void set(Exchange x, String attribute, Text value) {
    if (value.length() > 0) x.set(attribute, value);
  }
}
