package io.mop.api.net;

import io.mop.api.net.Reloading.Source;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The request headers of a client: its own, and {@code authorization} made of {@link ClientAuth}, whose files are read
 * again when they change. A file that cannot be used leaves the old value in place; the part is unhealthy with the
 * reason until it can, and counts {@code credential_reloads} and {@code credential_reload_failures}. Thread-safe.
 */
public final class ClientCredentials {
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final String AUTHORIZATION = "authorization";

  private final Reloading<Map<String, Secret>> headers;

  private ClientCredentials(Reloading<Map<String, Secret>> headers) {
    this.headers = headers;
  }

  /**
   * @param key of the {@code auth} section, e.g. {@code auth}; precedes the key in errors
   * @param headers more headers; names in any case
   * @throws InvalidConfig if a file cannot be read, a name or value cannot be sent, or authorization is there twice
   */
  public static ClientCredentials of(String key, Optional<ClientAuth> auth, Map<String, Secret> headers,
      Context context) {
    Map<String, Secret> fixed = fixed(headers);
    if (auth.isEmpty()) {
      return new ClientCredentials(new Reloading<>(List.of(), t -> fixed, Duration.ZERO, context));
    }
    if (fixed.containsKey(AUTHORIZATION)) {
      throw new InvalidConfig(key, "no auth beside an authorization header");
    }
    return new ClientCredentials(auth.get().bearer().isPresent()
        ? bearer(key + ".bearer", auth.get().bearer().get(), fixed, context)
        : basic(key + ".basic", auth.get().basic().orElseThrow(), fixed, context));
  }

  /**
   * What to send now, by lower-case name, in a fixed order. Looks at the files if it is time to, so call it for every
   * request. A value is revealed only to be sent.
   */
  public Map<String, Secret> headers() {
    return headers.get();
  }

  /** Looks at the files at once, whatever the interval: for a server that refused what was sent. */
  public void reread() {
    headers.reread();
  }

  private static Reloading<Map<String, Secret>> bearer(String key, ClientAuth.Bearer bearer,
      Map<String, Secret> fixed, Context context) {
    List<Source> files = bearer.tokenFile().map(f -> Source.of(key + ".token_file", f)).stream().toList();
    String from = key + (files.isEmpty() ? ".token" : ".token_file");
    return new Reloading<>(files, texts -> {
      String token = (texts.isEmpty() ? bearer.token().orElseThrow().reveal() : texts.get(0)).strip();
      if (token.isEmpty()) throw new InvalidConfig(from, "a token; it is empty");
      return with(fixed, from, bearer.scheme().isEmpty() ? token : bearer.scheme() + ' ' + token);
    }, bearer.reloadInterval(), context);
  }

  private static Reloading<Map<String, Secret>> basic(String key, ClientAuth.Basic basic, Map<String, Secret> fixed,
      Context context) {
    List<Source> files = basic.passwordFile().map(f -> Source.of(key + ".password_file", f)).stream().toList();
    return new Reloading<>(files, texts -> {
      String password = texts.isEmpty() ? basic.password().orElseThrow().reveal()
          : texts.get(0).replaceAll("[\r\n]+\\z", "");
      byte[] pair = (basic.username() + ':' + password).getBytes(StandardCharsets.UTF_8);
      return with(fixed, key + ".password", "Basic " + Base64.getEncoder().encodeToString(pair));
    }, basic.reloadInterval(), context);
  }

  private static Map<String, Secret> with(Map<String, Secret> fixed, String key, String authorization) {
    if (!sendable(authorization)) throw new InvalidConfig(key, "a value that can be sent in a header");
    Map<String, Secret> all = new LinkedHashMap<>(fixed);
    all.put(AUTHORIZATION, new Secret(authorization));
    return Collections.unmodifiableMap(all);
  }

  private static Map<String, Secret> fixed(Map<String, Secret> headers) {
    Map<String, Secret> fixed = new LinkedHashMap<>();
    headers.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) throw new InvalidConfig("headers", "names of HTTP headers");
      if (!sendable(value.reveal())) {
        throw new InvalidConfig("headers." + name, "a value of printable ASCII that can be sent in a header");
      }
      if (fixed.put(name.toLowerCase(Locale.ROOT), value) != null) {
        throw new InvalidConfig("headers." + name, "one value a header; case does not matter in names");
      }
    });
    return Collections.unmodifiableMap(fixed);
  }

  private static boolean sendable(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f || c == '\t');
  }
}
