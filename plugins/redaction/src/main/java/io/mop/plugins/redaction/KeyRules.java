package io.mop.plugins.redaction;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a key alone says of its value. Telemetry has few different keys, so what was found out of a key is kept, in
 * memory of a fixed size; regular expressions run on the first sight of a key only.
 */
final class KeyRules {
  static final int LOOK = 1;
  static final int IGNORE = 2;
  static final int REMOVE = 3;
  /** Mask texts, numbers, bytes, arrays and maps. */
  static final int MASK = 4;

  /**
   * Last parts of keys, in lower case without {@code -} and {@code _}: headers, parameters and options that hold
   * credentials.
   */
  private static final long[] CREDENTIALS =
      hashes(
          "authorization", "proxyauthorization", "cookie", "setcookie", "xapikey", "apikey", "apisecret", "password",
          "passwd", "pwd", "passphrase", "secret", "clientsecret", "secretkey", "secretaccesskey",
          "awssecretaccesskey", "token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "xauthtoken",
          "bearertoken", "sessiontoken", "securitytoken", "xamzsecuritytoken", "csrftoken", "xcsrftoken", "xxsrftoken",
          "privatekey", "credential", "credentials", "session", "jsessionid", "phpsessid");

  private static final int SLOTS = 1024;
  /** Longer keys are looked at each time. */
  private static final int LONGEST = 64;

  private final boolean credentials;
  private final boolean allowAll;
  private final Set<String> allowed;
  private final Set<String> ignored;
  private final Pattern[] blocked;
  private final byte[][] keys = new byte[SLOTS][];
  private final byte[] lengths = new byte[SLOTS];
  /** The verdict for an attribute, and in the higher half for an entry of a map. */
  private final byte[] verdicts = new byte[SLOTS];

  KeyRules(Redaction.Config config) {
    credentials = config.credentials();
    allowAll = config.allowAllKeys();
    allowed = new HashSet<>(config.allowedKeys());
    ignored = new HashSet<>(config.ignoredKeys());
    blocked = patterns(config.blockedKeyPatterns());
  }

  static Pattern[] patterns(List<String> list) {
    return list.stream().map(Redaction::pattern).toArray(Pattern[]::new);
  }

  /** @param nested the key is of an entry in a map, which {@code allowed_keys} does not speak of */
  int verdict(byte[] key, int length, boolean nested) {
    int both = length > LONGEST ? compute(key, length) : cached(key, length);
    return nested ? both >> 4 : both & 15;
  }

  private int cached(byte[] key, int length) {
    int h = length;
    for (int i = 0; i < length; i++) h = h * 31 + key[i];
    int slot = (h * 0x9E3779B9 >>> 8) & SLOTS - 1;
    byte[] known = keys[slot];
    if (known != null && lengths[slot] == length && Arrays.equals(known, 0, length, key, 0, length)) {
      return verdicts[slot];
    }
    int verdict = compute(key, length);
    if (known == null) known = keys[slot] = new byte[LONGEST];
    System.arraycopy(key, 0, known, 0, length);
    lengths[slot] = (byte) length;
    verdicts[slot] = (byte) verdict;
    return verdict;
  }

  private int compute(byte[] utf8, int length) {
    String key = new String(utf8, 0, length, StandardCharsets.UTF_8);
    if (ignored.contains(key)) return IGNORE | IGNORE << 4;
    boolean masked = credentials && isCredential(utf8, 0, length);
    for (int i = 0; i < blocked.length && !masked; i++) masked = blocked[i].matcher(key).find();
    int stays = masked ? MASK : LOOK;
    return (allowAll || allowed.contains(key) ? stays : REMOVE) | stays << 4;
  }

  /** True if the last part, after dots, names a credential. */
  static boolean isCredential(byte[] key, int from, int to) {
    long hash = 0;
    for (int i = from; i < to; i++) {
      int c = key[i];
      if (c == '.') hash = 0;
      else if (c != '-' && c != '_') hash = hash * 0x9E3779B97F4A7C15L + (c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return Arrays.binarySearch(CREDENTIALS, hash) >= 0;
  }

  /** 64 bits tell names apart well enough, and a look allocates nothing. */
  private static long[] hashes(String... names) {
    long[] hashes = new long[names.length];
    for (int n = 0; n < names.length; n++) {
      for (int i = 0; i < names[n].length(); i++) hashes[n] = hashes[n] * 0x9E3779B97F4A7C15L + names[n].charAt(i);
    }
    Arrays.sort(hashes);
    return hashes;
  }

  /** A matcher of each pattern on {@code text}, which is to be reset before use. */
  static Matcher[] matchers(List<String> patterns, CharSequence text) {
    return patterns.stream().map(p -> Redaction.pattern(p).matcher(text)).toArray(Matcher[]::new);
  }
}
