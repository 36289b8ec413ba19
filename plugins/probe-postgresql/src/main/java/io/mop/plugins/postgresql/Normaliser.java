package io.mop.plugins.postgresql;

import io.mop.api.data.Text;
import io.mop.plugins.postgresql.SqlLexer.Token;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Makes of SQL a text without a value: literals become {@code ?}, a list of values behind IN one {@code ?}, what a SET
 * sets {@code ?}; comments go, as they may hold anything; white space becomes one blank. In time and memory linear to
 * the text.
 */
final class Normaliser {
  /** Characters of the text that may leave. */
  static final int MAX_TEXT = 1024;

  private final SqlLexer lexer;
  private final SqlSummary summary;
  private final byte[] out;
  private int n;
  private Token token = Token.END;
  private int symbol;
  private boolean firstWord = true;

  private InList in = InList.NONE;
  private int listFrom;
  /** In a list, behind {@code ::}: the name of a type follows. */
  private int colons;

  private boolean altering;
  private boolean set;
  /** What is set follows; {@link #masked}: it was written. */
  private boolean masking;
  private boolean masked;

  private enum InList {
    NONE,
    /** The last token is IN. */
    WORD,
    /** Inside, values only so far. */
    VALUES
  }

  private Normaliser(byte[] sql, int length, boolean whole) {
    lexer = new SqlLexer(sql, length, whole);
    summary = new SqlSummary(sql);
    out = new byte[length + 1];
  }

  /**
   * @param length of the text in {@code sql}
   * @param whole whether the text ends there, rather than that no more of it is known
   */
  static Statement read(byte[] sql, int length, boolean whole) {
    return new Normaliser(sql, length, whole).read(whole);
  }

  private Statement read(boolean whole) {
    for (; ; ) {
      token = lexer.next();
      if (token == Token.UNSURE) return Statement.UNREADABLE;
      if (token == Token.END) break;
      symbol = token == Token.SYMBOL ? lexer.sql[lexer.from] : 0;
      summary.token(token, lexer.from, lexer.to);
      write();
    }
    if (in == InList.VALUES && n > listFrom) {
      n = listFrom;
      out[n++] = '?';
    }
    while (n > 0 && (out[n - 1] == ';' || out[n - 1] == ' ')) n--;
    try {
      return summary.end(cut(out, n), whole);
    } catch (CharacterCodingException e) {
      return Statement.UNREADABLE;
    }
  }

  private void write() {
    if (symbol == ';') {
      firstWord = true;
      altering = set = masking = masked = false;
    }
    if (masked) return;
    if (lexer.spaced && n > 0) out[n++] = ' ';
    if (masking || token == Token.LITERAL) {
      out[n++] = '?';
    } else {
      System.arraycopy(lexer.sql, lexer.from, out, n, lexer.to - lexer.from);
      n += lexer.to - lexer.from;
    }
    masked = masking;
    inList();
    setting();
  }

  /** {@code IN (1, 'a'::text, -3)} becomes {@code IN (?)}. */
  private void inList() {
    if (token == Token.WORD && is("IN")) {
      in = InList.WORD;
      return;
    }
    if (in == InList.WORD) {
      in = symbol == '(' ? InList.VALUES : InList.NONE;
      listFrom = n;
      colons = 0;
    } else if (in == InList.VALUES && symbol == ')') {
      in = InList.NONE;
      if (n == listFrom + 1) return;
      n = listFrom;
      out[n++] = '?';
      out[n++] = ')';
    } else if (in == InList.VALUES && !isValue()) {
      in = InList.NONE;
    }
  }

  private boolean isValue() {
    boolean type = colons == 2;
    colons = symbol == ':' ? colons + 1 : 0;
    return switch (token) {
      case LITERAL, PARAMETER -> true;
      case SYMBOL -> symbol == ',' || symbol == '-' || symbol == '+' || symbol == ':';
      default -> type || token == Token.WORD && (is("NULL") || is("TRUE") || is("FALSE"));
    };
  }

  /** {@code SET name = value}, also of an ALTER: a value need not be in quotes. */
  private void setting() {
    if (token == Token.WORD && (firstWord || altering)) {
      altering = firstWord ? is("ALTER") : altering;
      firstWord = false;
      set |= is("SET");
    }
    if (set && (symbol == '=' || token == Token.WORD && is("TO"))) {
      masking = true;
    }
  }

  private boolean is(String keyword) {
    return SqlSummary.is(lexer.sql, lexer.from, lexer.to, keyword);
  }

  /** The first {@link #MAX_TEXT} characters. */
  private static Text cut(byte[] utf8, int n) throws CharacterCodingException {
    boolean ascii = true;
    for (int i = 0; i < n; i++) ascii &= utf8[i] >= 0;
    if (ascii) return Text.of(Arrays.copyOf(utf8, Math.min(n, MAX_TEXT)));
    CharBuffer chars = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8, 0, n));
    int length = Math.min(chars.length(), MAX_TEXT);
    if (length < chars.length() && Character.isHighSurrogate(chars.charAt(length - 1))) length--;
    return Text.of(chars.subSequence(0, length).toString());
  }
}
