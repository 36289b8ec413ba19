package io.mop.engine.tap;

import io.mop.control.Tap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes out what must not be shown, by the name of an attribute and by what a text looks like. Rather too much than too
 * little: there is no way to turn it off. Every pattern runs in time linear to the text.
 */
final class Mask {
  /** Characters of a text that are looked at; what lies behind them is not shown. */
  static final int LOOKED_AT = 16 << 10;

  /** Characters of a masked text that are shown. */
  static final int SHOWN = 4 << 10;

  private static final String MASK = Tap.MASK;

  /** A key whose letters and digits end so holds a credential, e.g. {@code http.request.header.x-api-key}. */
  private static final List<String> CREDENTIALS =
      List.of(
          "authorization", "cookie", "cookie2", "cookies", "password", "passwd", "passphrase", "secret", "secrets",
          "token", "apikey", "accesskey", "accesskeyid", "privatekey", "secretkey", "signingkey", "encryptionkey",
          "credential", "credentials", "sessionid", "jwt", "signature", "csrf", "xsrf");

  /** The same as a whole segment of the key, wherever it stands, e.g. {@code cookies.sid}. */
  private static final Set<String> SEGMENTS =
      Set.of(
          "authorization", "auth", "cookie", "cookies", "setcookie", "password", "passwords", "passwd", "pwd", "pass",
          "passphrase", "secret", "secrets", "token", "tokens", "apikey", "credential", "credentials", "jwt", "bearer",
          "pin", "otp", "cvv", "sid");

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN [A-Z0-9 ]{1,40}-----(?:[^-]++|-(?!----END))*+(?:-----END[A-Z0-9 ]{0,40}-----)?");
  private static final Pattern JWT =
      Pattern.compile("\\beyJ[A-Za-z0-9_-]{4,}+(?:\\.[A-Za-z0-9_-]*+){0,4}");
  private static final Pattern SCHEME =
      Pattern.compile("(?i)\\b(bearer|basic|digest|negotiate|ntlm|apikey)[ \\t:]++[^\\s\"'<>]++");
  private static final Pattern HEADER =
      Pattern.compile(
          "(?i)\\b((?:proxy-)?authorization|(?:set-)?cookie2?)[\"']?[ \\t]*+[:=][ \\t]*+[^\\r\\n]++");
  private static final Pattern ASSIGNED =
      Pattern.compile(
          "(?i)([\\w-]{0,30}(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
              + "|credentials?|session[_-]?id|signature))([\"']?[ \\t]*+[:=][ \\t]*+)"
              + "(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\\s\"'&,;)}\\]]++)");
  /** Shapes of well-known keys: AWS, GitHub, GitLab, Slack, Stripe and OpenAI, Google. */
  private static final Pattern KNOWN =
      Pattern.compile(
          "\\b(?:A[KS]IA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\\w{20,}+|glpat-[\\w-]{16,}+"
              + "|xox[a-z]-[\\w-]{10,}+|[sr]k[-_][\\w-]{16,}+|AIza[\\w-]{30,}+)");
  private static final Pattern USER_INFO = Pattern.compile("(://)[^/\\s?#\"'<>]*@");
  /** As in {@code root:password@tcp(db:3306)}. */
  private static final Pattern LOGIN = Pattern.compile("(?<![\\w.])[\\w.+-]{1,64}+:[^\\s:@/\"']{1,128}+@(?=[\\w\\[(])");
  private static final Pattern QUERY = Pattern.compile("(?<=[^\\s\"'(,])\\?(?=[\\w%.~\\[-])[^\\s#\"'<>]++");
  /** How a statement begins; words that are also commands of Redis or memcached are not among them. */
  private static final Pattern SQL =
      Pattern.compile(
          "(?i)^[\\s(;]*+(?:select|insert|update|delete|replace\\s+into|merge|with|values|call|create|alter|drop"
              + "|truncate"
              + "|begin|commit|rollback|explain|grant|revoke|declare)\\b");
  private static final Pattern WORD = Pattern.compile("^\\s*+([A-Za-z_]{1,30})(?=\\s|$)");
  private static final Pattern STATEMENT =
      Pattern.compile(
          "(?i)\\b(?:select\\b.{1,2000}?\\bfrom|insert\\s+into|update\\b.{1,200}?\\bset|delete\\s+from|replace\\s+into"
              + "|merge\\s+into|values\\s*\\(|where\\s+[\\w.\"`()]++\\s*(?:[=<>!]|(?:not|like|in|is|between)\\b))",
          Pattern.DOTALL);

  private Mask() {}

  /** With the values of each key masked; keys may hold secrets too. */
  static Map<String, Object> map(Map<String, Object> raw) {
    Map<String, Object> masked = new LinkedHashMap<>();
    raw.forEach((key, value) -> masked.put(text(key), value(key, value)));
    return masked;
  }

  /** @param key of the attribute; empty for what has none */
  static Object value(String key, Object value) {
    if (value == null) return null;
    if (hidden(key, value)) return MASK;
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> masked = new LinkedHashMap<>();
      map.forEach((k, v) -> masked.put(text(k.toString()), value(key + "." + k, v)));
      return masked;
    }
    if (value instanceof List<?> list) {
      List<Object> masked = new ArrayList<>();
      for (Object v : list) masked.add(value(key, v));
      return masked;
    }
    if (!(value instanceof String text)) return value;
    if (query(key)) return shorten(queryValues(text.length() > LOOKED_AT ? text.substring(0, LOOKED_AT) : text));
    if (statement(key)) return shorten(database(text.length() > LOOKED_AT ? text.substring(0, LOOKED_AT) : text));
    return text(text);
  }

  /** A text without a key: the name of a span, the body of a log record. */
  static String text(String raw) {
    String t = raw.length() > LOOKED_AT ? raw.substring(0, LOOKED_AT) : raw;
    Matcher sql = STATEMENT.matcher(t);
    if (sql.find()) t = t.substring(0, sql.start()) + SqlLiterals.mask(t.substring(sql.start()));
    return shorten(patterns(t));
  }

  private static String patterns(String t) {
    t = PEM.matcher(t).replaceAll(MASK);
    t = HEADER.matcher(t).replaceAll("$1: " + MASK);
    t = SCHEME.matcher(t).replaceAll("$1 " + MASK);
    t = JWT.matcher(t).replaceAll(MASK);
    t = KNOWN.matcher(t).replaceAll(MASK);
    t = USER_INFO.matcher(t).replaceAll("$1" + MASK + "@");
    t = LOGIN.matcher(t).replaceAll(MASK + "@");
    t = QUERY.matcher(t).replaceAll(m -> "?" + queryValues(m.group().substring(1)));
    return ASSIGNED.matcher(t).replaceAll("$1$2" + MASK);
  }

  private static String shorten(String text) {
    if (text.length() <= SHOWN) return text;
    int end = Character.isHighSurrogate(text.charAt(SHOWN - 1)) ? SHOWN - 1 : SHOWN;
    return text.substring(0, end) + "…";
  }

  /** Whether the key says that its value is a credential, or a parameter of a statement. */
  private static boolean hidden(String key, Object value) {
    if (key.isEmpty()) return false;
    String lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith("db.query.parameter") || lower.startsWith("db.operation.parameter")) return true;
    // Numbers of tokens, as language models count them, are none.
    boolean number = value instanceof Number;
    for (String segment : lower.split("[./:]")) {
      String plain = plain(segment);
      if (SEGMENTS.contains(plain) && !(number && plain.equals("tokens"))) return true;
    }
    String whole = plain(lower);
    for (String credential : CREDENTIALS) if (whole.endsWith(credential)) return true;
    return !number && whole.endsWith("tokens");
  }

  private static String plain(String key) {
    StringBuilder b = new StringBuilder(key.length());
    for (int i = 0; i < key.length(); i++) if (Character.isLetterOrDigit(key.charAt(i))) b.append(key.charAt(i));
    return b.toString();
  }

  private static boolean query(String key) {
    String plain = plain(key.toLowerCase(Locale.ROOT));
    return plain.endsWith("urlquery") || plain.endsWith("querystring") || plain.endsWith("httpquery");
  }

  private static boolean statement(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return lower.equals("db.query.text") || lower.equals("db.statement") || lower.startsWith("db.statement.")
        || lower.endsWith(".sql") || lower.equals("sql") || lower.equals("db.query.summary");
  }

  /** Of {@code a=1&b} names stay; what has no name might be the secret itself. */
  private static String queryValues(String query) {
    StringBuilder b = new StringBuilder();
    for (String part : query.split("[&;]", -1)) {
      int equals = part.indexOf('=');
      if (b.length() > 0) b.append('&');
      b.append(
          equals > 0 ? patterns(part.substring(0, equals).replace("?", "")) + "=" + MASK : part.isEmpty() ? "" : MASK);
    }
    return b.toString();
  }

  /** SQL without its literals; of another language, such as Redis', the first word. */
  private static String database(String text) {
    String sql = SqlLiterals.mask(text);
    if (SQL.matcher(sql).find()) return patterns(sql);
    Matcher word = WORD.matcher(text);
    return word.find() ? word.group(1) + (word.end() == text.length() ? "" : " " + MASK) : MASK;
  }
}
