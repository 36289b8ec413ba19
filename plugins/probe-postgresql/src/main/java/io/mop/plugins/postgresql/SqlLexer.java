package io.mop.plugins.postgresql;

/**
 * Finds tokens as PostgreSQL's scanner does (documentation, "Lexical Structure"). Where it depends on settings of the
 * server what a byte means, or the text is none that the scanner takes, the token is {@link Token#UNSURE}. Looks at
 * each byte a bounded number of times.
 */
final class SqlLexer {
  enum Token {
    /** The text is over; of an incomplete one, the last token that may go on is left out. */
    END,
    /** Keyword or name, as written. */
    WORD,
    /** Name in double quotes. */
    QUOTED,
    /** String, number or bit string of any notation. */
    LITERAL,
    /** {@code $1}. */
    PARAMETER,
    /** One character of an operator or a punctuation mark. */
    SYMBOL,
    UNSURE
  }

  /** Bytes of a dollar quote's tag; PostgreSQL has no limit. */
  private static final int MAX_TAG = 64;

  private static final String SYMBOLS = "+-*/<>=~!@#%^&|`?()[],;:.";

  final byte[] sql;
  private final int end;
  private final boolean whole;
  /** The last token. */
  int from;
  int to;
  /** White space or comments came before it. */
  boolean spaced;

  /** @param whole whether the text ends at {@code end}, rather than that no more of it is known */
  SqlLexer(byte[] sql, int end, boolean whole) {
    this.sql = sql;
    this.end = end;
    this.whole = whole;
  }

  Token next() {
    int start = blanks(to);
    if (start < 0) return unfinished();
    spaced = start > to;
    from = start;
    to = start;
    if (from == end) return Token.END;
    Token token = token();
    return token != Token.UNSURE && token != Token.END && to == end && !whole ? Token.END : token;
  }

  private Token unfinished() {
    return whole ? Token.UNSURE : Token.END;
  }

  /** Position after white space and comments from {@code p} on; -1 if a comment does not end. */
  private int blanks(int p) {
    for (; p < end; p++) {
      byte b = sql[p];
      if (b == ' ' || b >= '\t' && b <= '\r') continue;
      if (b == '-' && at(p + 1) == '-') {
        while (p < end && sql[p] != '\n' && sql[p] != '\r') p++;
        if (p == end) return whole ? end : -1;
      } else if (b == '/' && at(p + 1) == '*') {
        p = comment(p);
        if (p < 0) return -1;
      } else {
        return p;
      }
    }
    return end;
  }

  /** Last byte of a comment, in which others may nest; -1 if it does not end. */
  private int comment(int p) {
    int depth = 0;
    for (; p + 1 < end; p++) {
      if (sql[p] == '/' && sql[p + 1] == '*') {
        depth++;
        p++;
      } else if (sql[p] == '*' && sql[p + 1] == '/') {
        p++;
        if (--depth == 0) return p;
      }
    }
    return -1;
  }

  private int at(int p) {
    return p < end ? sql[p] : 0;
  }

  private Token token() {
    byte b = sql[from];
    if (b == '\'') return string(from, false, Token.LITERAL);
    if (b == '"') return quoted(from);
    if (isNameStart(b)) return word();
    if (isDigit(b) || b == '.' && isDigit(at(from + 1))) return number();
    if (b == '$') return isDigit(at(from + 1)) ? parameter() : dollar();
    if (SYMBOLS.indexOf(b) < 0) return Token.UNSURE;
    to = from + 1;
    return Token.SYMBOL;
  }

  private Token word() {
    int p = from;
    while (p < end && isName(sql[p])) p++;
    to = p;
    int quote = p;
    byte first = sql[from];
    if (p - from != 1) return Token.WORD;
    if (p == end && !whole) return Token.END;
    boolean unicode = (first == 'U' || first == 'u') && at(p) == '&';
    if (unicode) quote++;
    if (unicode && at(quote) == '"') return quoted(quote);
    if (at(quote) != '\'') return Token.WORD;
    return switch (first) {
      case 'E', 'e' -> string(quote, true, Token.LITERAL);
      case 'B', 'b', 'X', 'x', 'N', 'n' -> string(quote, false, Token.LITERAL);
      default -> unicode ? string(quote, false, Token.LITERAL) : Token.WORD;
    };
  }

  /**
   * A backslash before a quote escapes it if standard_conforming_strings is off, and in a string that continues an E''
   * on another line; it does not else. Two backslashes before a quote mean the same either way.
   */
  private Token string(int quote, boolean escapes, Token token) {
    int backslashes = 0;
    for (int p = quote + 1; p < end; p++) {
      byte b = sql[p];
      if (b == '\\') {
        backslashes++;
        continue;
      }
      boolean escaped = (backslashes & 1) == 1;
      backslashes = 0;
      if (b != '\'' || escapes && escaped) continue;
      if (escaped) return Token.UNSURE;
      if (at(p + 1) == '\'') {
        p++;
        continue;
      }
      to = p + 1;
      return token;
    }
    return unfinished();
  }

  private Token quoted(int quote) {
    for (int p = quote + 1; p < end; p++) {
      if (sql[p] != '"') continue;
      if (at(p + 1) == '"') {
        p++;
        continue;
      }
      to = p + 1;
      return Token.QUOTED;
    }
    return unfinished();
  }

  /** Also with a radix and with underscores; what no version of the server takes for one number is unsure. */
  private Token number() {
    int p = from;
    int radix = at(p + 1) | 0x20;
    if (sql[p] == '0' && (radix == 'x' || radix == 'o' || radix == 'b')) {
      p += 2;
      while (p < end && (isDigit(sql[p]) || sql[p] == '_' || isHexLetter(sql[p]))) p++;
    } else {
      p = digits(p);
      if (at(p) == '.' && at(p + 1) != '.') p = digits(p + 1);
      int exponent = p + 1;
      if ((at(p) | 0x20) == 'e') {
        if (at(exponent) == '+' || at(exponent) == '-') exponent++;
        if (isDigit(at(exponent))) p = digits(exponent);
      }
    }
    return endOfNumber(p, Token.LITERAL);
  }

  private int digits(int p) {
    while (p < end && (isDigit(sql[p]) || sql[p] == '_')) p++;
    return p;
  }

  private Token endOfNumber(int p, Token token) {
    to = p;
    if (p < end && isName(sql[p])) return Token.UNSURE;
    return token;
  }

  private Token parameter() {
    int p = from + 1;
    while (p < end && isDigit(sql[p])) p++;
    return endOfNumber(p, Token.PARAMETER);
  }

  private Token dollar() {
    int p = from + 1;
    while (p < end && isName(sql[p]) && sql[p] != '$') p++;
    int tag = p + 1 - from;
    if (p == end) return unfinished();
    if (sql[p] != '$' || tag > MAX_TAG) return Token.UNSURE;
    for (int q = p + 1; q + tag <= end; q++) {
      if (sql[q] != '$' || !sameTag(q, tag)) continue;
      to = q + tag;
      return Token.LITERAL;
    }
    return unfinished();
  }

  private boolean sameTag(int at, int length) {
    for (int i = 0; i < length; i++) if (sql[at + i] != sql[from + i]) return false;
    return true;
  }

  private static boolean isDigit(int b) {
    return b >= '0' && b <= '9';
  }

  private static boolean isHexLetter(int b) {
    return (b | 0x20) >= 'a' && (b | 0x20) <= 'f';
  }

  private static boolean isNameStart(int b) {
    return (b | 0x20) >= 'a' && (b | 0x20) <= 'z' || b == '_' || b < 0;
  }

  private static boolean isName(int b) {
    return isNameStart(b) || isDigit(b) || b == '$';
  }
}
