package io.mop.plugins.postgresql;

import io.mop.api.data.Text;
import io.mop.plugins.postgresql.SqlLexer.Token;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * What statements do to which tables, as OpenTelemetry's {@code db.query.summary} has it: verbs and targets in the
 * order of the text, e.g. {@code SELECT orders items}; statements are joined by {@code ; }.
 */
final class SqlSummary {
  private static final int MAX_SUMMARY = 255;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_KEYWORD = 12;

  private static final Set<String> QUERIES = Set.of(
      "SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "EXPLAIN", "DECLARE", "COPY", "TRUNCATE", "LOCK",
      "VACUUM", "ANALYZE", "TABLE");
  /** Of these, the table follows at once. */
  private static final Set<String> TABLE_FOLLOWS =
      Set.of("UPDATE", "COPY", "TRUNCATE", "LOCK", "VACUUM", "ANALYZE", "TABLE");
  private static final Set<String> CHANGES = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");
  /** Before a word of {@link #CHANGES} that is no statement. */
  private static final Set<String> CLAUSES = Set.of("ON", "FOR", "DO", "THEN", "KEY");
  private static final Set<String> DEFINITIONS = Set.of("CREATE", "ALTER", "DROP");
  /** Between a verb and what it is about. */
  private static final Set<String> MODIFIERS = Set.of(
      "OR", "REPLACE", "UNIQUE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "MATERIALIZED", "RECURSIVE",
      "FOREIGN");
  private static final Set<String> BEFORE_TABLE = Set.of(
      "ONLY", "LATERAL", "TABLE", "IF", "NOT", "EXISTS", "CONCURRENTLY", "FULL", "VERBOSE", "FREEZE", "ANALYZE",
      "RECURSIVE");
  private static final Set<String> END_OF_TABLES = Set.of(
      "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "FOR",
      "RETURNING", "SET", "VALUES");
  private static final Set<String> FORGETTING = Set.of("DEALLOCATE", "DISCARD", "PREPARE");

  private enum Mode {
    /** The verb has not come yet. */
    START,
    /** Behind WITH, before the statement that uses it. */
    WITH,
    /** Tables matter. */
    QUERY,
    /** Behind CREATE and the like: a kind of object follows. */
    DEFINITION,
    /** Of what is left only a table that follows at once matters. */
    REST
  }

  private final byte[] sql;
  private final StringBuilder summary = new StringBuilder();
  private boolean full;
  private int statements;
  private boolean forgets;
  private String operation = "";
  private final Set<String> tables = new HashSet<>();

  private Mode mode = Mode.START;
  private String last = "";
  private int depth;
  /** Bit of a depth: a verb was seen there to which FROM belongs; the list behind FROM goes on there. */
  private long verbs;
  private long lists;
  /** A table's name may follow; it is being read; it goes on behind a dot. */
  private boolean expecting;
  private boolean dot;
  private final StringBuilder name = new StringBuilder();
  private boolean function;
  private boolean withName;
  private final Set<String> withNames = new HashSet<>();

  SqlSummary(byte[] sql) {
    this.sql = sql;
  }

  static boolean is(byte[] sql, int from, int to, String keyword) {
    if (to - from != keyword.length()) return false;
    for (int i = from; i < to; i++) if ((sql[i] & ~0x20) != keyword.charAt(i - from)) return false;
    return true;
  }

  void token(Token token, int from, int to) {
    boolean isName = token == Token.WORD || token == Token.QUOTED;
    int symbol = token == Token.SYMBOL ? sql[from] : 0;
    if (!name.isEmpty()) {
      if (dot ? isName : symbol == '.') {
        append(name, from, to);
        dot = !dot;
        return;
      }
      table(symbol == '(');
    }
    if (token == Token.WORD) word(from, to);
    else if (token == Token.QUOTED) other(from, to);
    else if (symbol != 0) symbol(symbol);
    else expecting = false;
    if (token != Token.WORD) last = "";
  }

  private void append(StringBuilder to, int from, int end) {
    to.append(new String(sql, from, end - from, StandardCharsets.UTF_8));
  }

  private long bit() {
    return depth >= 0 && depth < MAX_DEPTH ? 1L << depth : 0;
  }

  private void symbol(int symbol) {
    boolean list = symbol == ',' && (lists & bit()) != 0;
    expecting = list;
    function = list;
    switch (symbol) {
      case ';' -> endStatement();
      case '(' -> {
        depth++;
        verbs &= ~bit();
        lists &= ~bit();
      }
      case ')' -> depth--;
      case ',' -> withName |= mode == Mode.WITH && depth == 0;
      default -> {}
    }
  }

  private void word(int from, int to) {
    boolean keyword = to - from <= MAX_KEYWORD;
    String word = keyword ? new String(sql, from, to - from, StandardCharsets.UTF_8).toUpperCase(Locale.ROOT) : "";
    switch (mode) {
      case START -> verb(word);
      case DEFINITION -> definition(word);
      case WITH, QUERY -> query(word, from, to);
      default -> {
        if (!BEFORE_TABLE.contains(word)) other(from, to);
      }
    }
    last = word;
  }

  /** The first word of a statement. */
  private void verb(String word) {
    statements++;
    forgets |= FORGETTING.contains(word);
    if (statements > 1) add("; ");
    if (word.equals("WITH")) {
      mode = Mode.WITH;
      withName = true;
      return;
    }
    operation = word;
    mode = DEFINITIONS.contains(word) ? Mode.DEFINITION : QUERIES.contains(word) ? Mode.QUERY : Mode.REST;
    say(operation);
    begin(word);
  }

  private void begin(String verb) {
    if (verb.equals("SELECT") || verb.equals("DELETE")) verbs |= bit();
    lists &= ~bit();
    expecting = TABLE_FOLLOWS.contains(verb);
    function = false;
    if (verb.equals("TRUNCATE") || verb.equals("LOCK") || verb.equals("VACUUM")) lists |= bit();
  }

  private void definition(String word) {
    if (MODIFIERS.contains(word)) return;
    say(word);
    operation = operation + " " + word;
    expecting = word.equals("TABLE") || word.equals("VIEW");
    mode = Mode.REST;
  }

  private void query(String word, int from, int to) {
    boolean change = CHANGES.contains(word) && !CLAUSES.contains(last) && !expecting;
    if (word.equals("SELECT") || change) {
      if (mode == Mode.WITH && depth == 0) {
        mode = Mode.QUERY;
        operation = word;
      }
      say(word);
      begin(word);
      return;
    }
    if (word.equals("FROM") && (verbs & bit()) != 0 && !last.equals("DISTINCT")) {
      lists |= bit();
      expecting = function = true;
    } else if (word.equals("JOIN") || word.equals("USING")) {
      expecting = function = true;
    } else if (word.equals("INTO")) {
      expecting = true;
      function = false;
    } else if (END_OF_TABLES.contains(word)) {
      lists &= ~bit();
      expecting = false;
    } else if (!(expecting && BEFORE_TABLE.contains(word)) && !(withName && word.equals("RECURSIVE"))) {
      other(from, to);
    }
  }

  /** A name, or a keyword that says nothing here. */
  private void other(int from, int to) {
    if (withName && depth == 0) {
      StringBuilder b = new StringBuilder();
      append(b, from, to);
      withNames.add(b.toString());
      withName = false;
    } else if (expecting) {
      append(name, from, to);
    }
    expecting = false;
  }

  /** @param parenthesis behind a table that is read from, it makes of the name that of a function */
  private void table(boolean parenthesis) {
    String table = name.toString();
    name.setLength(0);
    dot = false;
    if (parenthesis && function || withNames.contains(table)) return;
    tables.add(table);
    say(table);
  }

  private void say(String word) {
    if (!summary.isEmpty() && summary.charAt(summary.length() - 1) != ' ') add(" " + word);
    else add(word);
  }

  /** Whole words only, as far as there is room. */
  private void add(String words) {
    full |= summary.length() + words.length() > MAX_SUMMARY;
    if (!full) summary.append(words);
  }

  private void endStatement() {
    mode = Mode.START;
    depth = 0;
    verbs = lists = 0;
    expecting = withName = false;
    withNames.clear();
  }

  /**
   * The statement, when all tokens were given.
   *
   * @param whole whether no more tables may follow
   */
  Statement end(Text text, boolean whole) {
    if (!name.isEmpty()) {
      if (whole) table(false);
      else name.setLength(0);
    }
    boolean one = statements == 1;
    boolean oneTable = one && whole && tables.size() == 1;
    return new Statement(
        Text.of(summary.toString()),
        text,
        Text.of(one ? operation : ""),
        Text.of(oneTable ? tables.iterator().next() : ""),
        forgets);
  }
}
