package io.mop.plugins.postgresql;

import io.mop.api.capture.Masker.Values;
import io.mop.api.capture.Stream;
import io.mop.plugins.postgresql.SqlLexer.Token;

/**
 * Tells which bytes of SQL are values, as {@link Normaliser} does: literals, what a SET sets, comments. What is put in
 * their place reads as what was there; where it is not sure what that is, all that follows is a value.
 */
final class SqlValues {
  private static final char NUMBER = '0';
  /** In no statement that the server takes outside of a string: unreadable stays unreadable. */
  private static final char UNREADABLE = '\\';
  private static final char BLANK = ' ';

  private final Values out;
  private final int base;
  private final SqlLexer lexer;
  private Token token = Token.END;
  private boolean firstWord = true;
  private boolean altering;
  private boolean set;
  private boolean setting;

  private SqlValues(Values out, int base, SqlLexer lexer) {
    this.out = out;
    this.base = base;
    this.lexer = lexer;
  }

  /** A string from {@code from}, that ends before a zero in a message that ends at {@code to}, or was cut. */
  static void mask(Stream in, int from, int to, Values out) {
    byte[] sql = new byte[to - from];
    boolean whole = false;
    int n = 0;
    try {
      for (byte b; n < sql.length && !whole; ) {
        b = in.at(from + n);
        whole = b == 0;
        if (!whole) sql[n++] = b;
      }
    } catch (Stream.Gap e) {
      whole = false; // what there is of it
    }
    new SqlValues(out, from, new SqlLexer(sql, n, whole)).mask(n);
    if (!whole && to > from + n) out.mask(from + n, to, BLANK);
  }

  private void mask(int end) {
    for (int last = 0; ; last = lexer.to) {
      token = lexer.next();
      if (token == Token.END || token == Token.UNSURE) {
        if (end > last) out.mask(base + last, base + end, token == Token.END ? BLANK : UNREADABLE);
        return;
      }
      if (lexer.from > last) out.mask(base + last, base + lexer.from, BLANK);
      setting();
      if (token == Token.LITERAL) literal();
      else if (setting && token != Token.SYMBOL) fill(lexer.from, lexer.to, MessageValues.TEXT);
      int symbol = token == Token.SYMBOL ? lexer.sql[lexer.from] : 0;
      if (set && (symbol == '=' || token == Token.WORD && is("TO"))) setting = true;
    }
  }

  /** As in {@link Normaliser}: {@code SET name = value}, also of an ALTER. */
  private void setting() {
    if (token == Token.SYMBOL && lexer.sql[lexer.from] == ';') {
      firstWord = true;
      altering = set = setting = false;
    } else if (token == Token.WORD && (firstWord || altering)) {
      altering = firstWord ? is("ALTER") : altering;
      firstWord = false;
      set |= is("SET");
    }
  }

  private boolean is(String keyword) {
    return SqlSummary.is(lexer.sql, lexer.from, lexer.to, keyword);
  }

  private void fill(int from, int to, char with) {
    if (to > from) out.mask(base + from, base + to, with);
  }

  private void literal() {
    byte first = lexer.sql[lexer.from];
    if (first == '$') dollar();
    else if (first >= '0' && first <= '9') fill(lexer.from, lexer.to, NUMBER);
    else if (first == '.') fill(lexer.from + 1, lexer.to, NUMBER);
    else string();
  }

  private void string() {
    int quote = lexer.from;
    while (lexer.sql[quote] != '\'') quote++;
    fill(quote + 1, lexer.to - 1, MessageValues.TEXT);
  }

  /** The tag may be any word. */
  private void dollar() {
    int tag = 2;
    while (lexer.sql[lexer.from + tag - 1] != '$') tag++;
    fill(lexer.from + 1, lexer.from + tag - 1, MessageValues.TEXT);
    fill(lexer.from + tag, lexer.to - tag, MessageValues.TEXT);
    fill(lexer.to - tag + 1, lexer.to - 1, MessageValues.TEXT);
  }
}
