package io.mop.api.net;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code auth:} of a client: {@code auth: { bearer: { token_file: /run/token } }} or {@code auth: { basic: { username:
 * mop, password: ${env:PASSWORD} } }}. {@link ClientCredentials} makes headers of it.
 */
public record ClientAuth(
    @Key(doc = "Authorization with a token.") Optional<Bearer> bearer,
    @Key(doc = "Authorization with user name and password.") Optional<Basic> basic) {
  public ClientAuth {
    if (bearer.isPresent() == basic.isPresent()) throw new InvalidConfig("bearer", "one of bearer and basic");
  }

  /** A token, or a file that holds it (white space around it is ignored). */
  public record Bearer(
      @Key(doc = "The token.") Optional<Secret> token,
      @Key(doc = "File with the token, read again when it changes.") Optional<String> tokenFile,
      @Key(doc = "Word before the token.", value = "Bearer") String scheme,
      @Key(doc = "How often the file is looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
      Duration reloadInterval) {
    public Bearer {
      if (token.isPresent() == tokenFile.isPresent()) throw new InvalidConfig("token", "one of token and token_file");
    }
  }

  /** User name and password, or a file that holds the password (line ends after it are ignored). */
  public record Basic(
      @Key(doc = "User name, without ':'.") String username,
      @Key(doc = "The password.") Optional<Secret> password,
      @Key(doc = "File with the password, read again when it changes.") Optional<String> passwordFile,
      @Key(doc = "How often the file is looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
      Duration reloadInterval) {
    public Basic {
      if (username.isEmpty() || username.indexOf(':') >= 0) throw new InvalidConfig("username", "a name without ':'");
      if (password.isPresent() == passwordFile.isPresent()) {
        throw new InvalidConfig("password", "one of password and password_file");
      }
    }
  }
}
