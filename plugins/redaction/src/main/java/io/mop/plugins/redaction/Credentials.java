package io.mop.plugins.redaction;

import java.nio.charset.StandardCharsets;

/**
 * Finds credentials in a text by their form, in one pass over its bytes: HTTP's Basic and Bearer (RFC 7617, RFC 6750),
 * JSON Web Tokens (RFC 7519), PEM private keys (RFC 7468), AWS access key ids, user and password in a URL (RFC 3986),
 * and {@code password=…} and the like in queries, forms and connection strings.
 */
final class Credentials {
  private static final byte[] BASIC = ascii("asic ");
  private static final byte[] BEARER = ascii("earer ");
  private static final byte[] JWT = ascii("yJ");
  private static final byte[] BEGIN = ascii("-----BEGIN ");
  private static final byte[] END = ascii("-----END ");
  private static final byte[] PRIVATE_KEY = ascii("PRIVATE KEY");
  private static final byte[] AUTHORITY = ascii("//");
  private static final byte[][] AWS = {ascii("AKIA"), ascii("ASIA"), ascii("ABIA"), ascii("ACCA")};

  /** Bytes that may begin something; most of a text is none of them. */
  private static final boolean[] TELLING = new boolean[256];

  static {
    for (byte c : ascii("BbeA-:=")) TELLING[c] = true;
  }

  private byte[] b = {};
  private int end;
  private Ranges found = new Ranges();

  private static byte[] ascii(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

  void find(byte[] text, int length, Ranges into) {
    b = text;
    end = length;
    found = into;
    for (int i = 0; i < length; i++) {
      if (!TELLING[b[i] & 0xFF]) continue;
      switch (b[i]) {
        case 'B', 'b' -> {
          if (begins(i) && lower(i + 1, BASIC)) basic(i + 6);
          else if (begins(i) && lower(i + 1, BEARER)) bearer(i + 7);
        }
        case 'e' -> {
          if (begins(i) && is(i + 1, JWT)) jwt(i);
        }
        case 'A' -> {
          if (begins(i)) aws(i);
        }
        case '-' -> {
          if (is(i, BEGIN)) i = privateKey(i);
        }
        case ':' -> {
          if (is(i + 1, AUTHORITY)) userInfo(i + 3);
        }
        case '=' -> parameter(i);
        default -> { }
      }
    }
  }

  /** Basic credentials are the base64 of {@code user:password}; other words are none. */
  private void basic(int at) {
    int to = at;
    while (to < end && base64(b[to]) >= 0) to++;
    boolean colon = false;
    for (int i = at; i + 4 <= to; i += 4) {
      int bits = base64(b[i]) << 18 | base64(b[i + 1]) << 12 | base64(b[i + 2]) << 6 | base64(b[i + 3]);
      colon |= (bits >>> 16 & 0xFF) == ':' || (bits >>> 8 & 0xFF) == ':' || (bits & 0xFF) == ':';
    }
    int rest = (to - at) % 4;
    if (rest >= 2) {
      int bits = base64(b[to - rest]) << 18 | base64(b[to - rest + 1]) << 12 | (rest == 3 ? base64(b[to - 1]) << 6 : 0);
      colon |= (bits >>> 16 & 0xFF) == ':' || rest == 3 && (bits >>> 8 & 0xFF) == ':';
    }
    while (to < end && b[to] == '=') to++;
    if (colon) found.add(at, to);
  }

  /** A word of 20 or more characters, or of 8 with a digit: "bearer authentication failed" has none. */
  private void bearer(int at) {
    int to = at;
    boolean digit = false;
    for (; to < end && (base64(b[to]) >= 0 || b[to] == '.' || b[to] == '~' || b[to] == '='); to++) {
      digit |= b[to] >= '0' && b[to] <= '9';
    }
    if (to - at >= 20 || digit && to - at >= 8) found.add(at, to);
  }

  private void jwt(int at) {
    int dot = part(at);
    int second = dot < end && b[dot] == '.' ? part(dot + 1) : dot;
    if (dot - at < 10 || second - dot < 5 || second == end || b[second] != '.') return;
    int to = second;
    while (to < end && b[to] == '.') to = part(to + 1);
    found.add(at, to);
  }

  private int part(int at) {
    while (at < end && (alphanumeric(b[at]) || b[at] == '-' || b[at] == '_')) at++;
    return at;
  }

  private void aws(int at) {
    if (end - at < 20 || end - at > 20 && alphanumeric(b[at + 20])) return;
    boolean known = false;
    for (byte[] prefix : AWS) known |= is(at, prefix);
    if (!known) return;
    for (int i = at + 4; i < at + 20; i++) if (!(b[i] >= 'A' && b[i] <= 'Z' || b[i] >= '0' && b[i] <= '9')) return;
    found.add(at, at + 20);
  }

  /** Masks to the end of the block, or of the text if it was cut; returns the last byte looked at. */
  private int privateKey(int at) {
    int label = at + BEGIN.length;
    int i = label;
    while (i < end && b[i] != '-' && !is(i, PRIVATE_KEY)) i++;
    if (!is(i, PRIVATE_KEY)) return label - 1;
    while (i < end && !is(i, END)) i++;
    if (i < end) {
      i += END.length;
      while (i < end && b[i] != '-') i++;
      while (i < end && b[i] == '-') i++;
    }
    found.add(at, i);
    return i - 1;
  }

  /** {@code user:password} before the last @ of the authority. */
  private void userInfo(int at) {
    int sign = -1;
    boolean colon = false;
    for (int i = at; i < end; i++) {
      byte c = b[i];
      if (c == '/' || c == '?' || c >= '\0' && c <= ' ' || c == '"' || c == '\'' || c == '#' || c == '<' || c == '>') {
        break;
      }
      if (c == ':' && sign < 0) colon = true;
      if (c == '@') sign = i;
    }
    if (colon && sign >= 0) found.add(at, sign);
  }

  /** The value after a = whose name is that of a credential. */
  private void parameter(int equals) {
    int name = equals;
    while (name > 0 && (alphanumeric(b[name - 1]) || b[name - 1] == '-' || b[name - 1] == '_')) name--;
    int length = equals - name;
    if (length < 3 || length > 32 || !KeyRules.isCredential(b, name, equals)) return;
    int at = equals + 1;
    byte quote = at < end && (b[at] == '"' || b[at] == '\'') ? b[at++] : 0;
    int to = at;
    while (to < end && (quote != 0 ? b[to] != quote : !delimiter(b[to]))) to++;
    if (!Replacement.isMask(b, at, to)) found.add(at, to);
  }

  private static boolean delimiter(byte c) {
    return c == '&' || c == ';' || c == ',' || c >= 0 && c <= ' ' || c == '"' || c == '\'' || c == '#' || c == ')'
        || c == '}' || c == ']';
  }

  /** True if no word goes on here. */
  private boolean begins(int at) {
    return at == 0 || !alphanumeric(b[at - 1]);
  }

  private boolean is(int at, byte[] text) {
    if (text.length > end - at) return false;
    for (int i = 0; i < text.length; i++) if (b[at + i] != text[i]) return false;
    return true;
  }

  /** Compares letters in any case; {@code text} is in lower case. */
  private boolean lower(int at, byte[] text) {
    if (text.length > end - at) return false;
    for (int i = 0; i < text.length; i++) if ((b[at + i] | 0x20) != text[i]) return false;
    return true;
  }

  private static boolean alphanumeric(byte c) {
    return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
  }

  /** Value of a digit of base64, in either alphabet, or -1. */
  private static int base64(byte c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
  }
}
