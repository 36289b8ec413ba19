package io.mop.api.net;

import io.mop.api.net.Reloading.Source;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whom a server lets in: the tokens and users of {@link ServerAuth}, whose files are read again when they change. Only
 * digests are kept. A file that cannot be used leaves the old ones in place; the part is unhealthy with the reason
 * until it can, and counts {@code credential_reloads} and {@code credential_reload_failures}. Thread-safe.
 */
public final class ServerCredentials {
  private static final String BASIC = "Basic";

  private final Optional<Reloading<List<byte[]>>> tokens;
  private final Optional<Reloading<List<byte[]>>> users;
  private final String scheme;

  private ServerCredentials(Optional<Reloading<List<byte[]>>> tokens, Optional<Reloading<List<byte[]>>> users,
      String scheme) {
    this.tokens = tokens;
    this.users = users;
    this.scheme = scheme;
  }

  /**
   * @param key of the section, e.g. {@code protocols.grpc.auth}; precedes the key in errors
   * @throws InvalidConfig if a file cannot be read or used
   */
  public static ServerCredentials of(String key, ServerAuth auth, Context context) {
    return new ServerCredentials(auth.bearer().map(b -> bearer(key + ".bearer", b, context)),
        auth.basic().map(b -> basic(key + ".basic", b, context)), auth.bearer().map(b -> b.scheme()).orElse(""));
  }

  /**
   * Whether the request comes from a client that is let in. Takes the same time for every wrong value of a length.
   *
   * @param authorization value of the header {@code authorization}; empty = none was sent
   */
  public boolean accept(String authorization) {
    String word = tokens.isPresent() && scheme.isEmpty() ? "" : word(authorization);
    String rest = authorization.substring(word.length()).strip();
    if (rest.isEmpty()) return false;
    boolean accepted = false;
    if (tokens.isPresent() && word.equalsIgnoreCase(scheme)) accepted = oneOf(tokens.get().get(), digest(rest));
    if (users.isPresent() && word(authorization).equalsIgnoreCase(BASIC)) accepted |= user(authorization);
    return accepted;
  }

  /** Values of {@code WWW-Authenticate}: what a client may send. */
  public List<String> challenges() {
    List<String> challenges = new ArrayList<>();
    if (tokens.isPresent()) challenges.add((scheme.isEmpty() ? "Bearer" : scheme) + " realm=\"mop\"");
    if (users.isPresent()) challenges.add(BASIC + " realm=\"mop\", charset=\"UTF-8\"");
    return challenges;
  }

  private boolean user(String authorization) {
    try {
      byte[] pair = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      return oneOf(users.orElseThrow().get(), digest(pair));
    } catch (IllegalArgumentException e) {
      return false; // not Base64
    }
  }

  private static String word(String authorization) {
    int end = authorization.indexOf(' ');
    return end < 0 ? "" : authorization.substring(0, end);
  }

  private static Reloading<List<byte[]>> bearer(String key, ServerAuth.Bearer bearer, Context context) {
    if (!bearer.scheme().matches("[A-Za-z0-9-]*")) throw new InvalidConfig(key + ".scheme", "a word such as Bearer");
    List<byte[]> fixed = new ArrayList<>();
    bearer.token().ifPresent(t -> fixed.add(token(key + ".token", t)));
    bearer.tokens().forEach(t -> fixed.add(token(key + ".tokens", t)));
    List<Source> files = bearer.tokenFile().map(f -> Source.of(key + ".token_file", f)).stream().toList();
    return new Reloading<>(files, texts -> {
      List<byte[]> all = new ArrayList<>(fixed);
      for (String text : texts) for (String line : lines(text)) all.add(digest(line));
      if (all.isEmpty()) throw new InvalidConfig(key + ".token_file", "at least one token, one a line");
      return List.copyOf(all);
    }, bearer.reloadInterval(), context);
  }

  private static byte[] token(String key, Secret token) {
    String value = token.reveal().strip();
    if (value.isEmpty()) throw new InvalidConfig(key, "a token; it is empty");
    return digest(value);
  }

  private static Reloading<List<byte[]>> basic(String key, ServerAuth.Basic basic, Context context) {
    List<byte[]> fixed = new ArrayList<>();
    basic.username().ifPresent(u -> fixed.add(pair(key + ".username", u, basic.password().orElseThrow().reveal())));
    basic.users().forEach((u, p) -> fixed.add(pair(key + ".users", u, p.reveal())));
    List<Source> files = basic.usersFile().map(f -> Source.of(key + ".users_file", f)).stream().toList();
    return new Reloading<>(files, texts -> {
      List<byte[]> all = new ArrayList<>(fixed);
      for (String text : texts) {
        for (String line : lines(text)) {
          int colon = line.indexOf(':');
          all.add(pair(key + ".users_file", line.substring(0, Math.max(colon, 0)), line.substring(colon + 1)));
        }
      }
      if (all.isEmpty()) throw new InvalidConfig(key + ".users_file", "at least one user:password, one a line");
      return List.copyOf(all);
    }, basic.reloadInterval(), context);
  }

  private static byte[] pair(String key, String user, String password) {
    if (user.isEmpty() || user.indexOf(':') >= 0) throw new InvalidConfig(key, "user names without ':', one user:password");
    if (password.isEmpty()) throw new InvalidConfig(key, "a password for every user; one is empty");
    // A hash taken for a password would let in whoever read the file.
    if (password.matches("\\$(2[abxy]|apr1|1|5|6)\\$.*") || password.toUpperCase(Locale.ROOT).startsWith("{SHA}")) {
      throw new InvalidConfig(key, "plain passwords; hashes as of htpasswd are not supported");
    }
    return digest(user + ':' + password);
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList();
  }

  /** Looks at all of them, so that the time says nothing of which is the nearest. */
  private static boolean oneOf(List<byte[]> allowed, byte[] digest) {
    boolean found = false;
    for (byte[] a : allowed) found |= MessageDigest.isEqual(a, digest);
    return found;
  }

  private static byte[] digest(String text) {
    return digest(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
