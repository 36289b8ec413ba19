package io.mop.api.net;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code auth:} of a server: {@code auth: { bearer: { token_file: /etc/mop/tokens } }}, {@code auth: { basic: { users:
 * { alice: ${env:ALICE} } } }}, or both, of which a client needs one. {@link ServerCredentials} checks clients.
 */
public record ServerAuth(
    @Key(doc = "Clients that send one of these tokens.") Optional<Bearer> bearer,
    @Key(doc = "Clients that send one of these user names with its password.") Optional<Basic> basic) {
  public ServerAuth {
    if (bearer.isEmpty() && basic.isEmpty()) throw new InvalidConfig("bearer", "at least one of bearer and basic");
  }

  /** Tokens of all three keys are valid. */
  public record Bearer(
      @Key(doc = "A token.") Optional<Secret> token,
      @Key(doc = "More tokens, e.g. the old and the new one during a change.") List<Secret> tokens,
      @Key(doc = "File with one token a line, read again when it changes; empty lines and lines of # are ignored.")
      Optional<String> tokenFile,
      @Key(doc = "Word before the token.", value = "Bearer") String scheme,
      @Key(doc = "How often the file is looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
      Duration reloadInterval) {
    public Bearer {
      tokens = List.copyOf(tokens);
      if (token.isEmpty() && tokens.isEmpty() && tokenFile.isEmpty()) {
        throw new InvalidConfig("token", "at least one of token, tokens and token_file");
      }
    }
  }

  /** Users of all keys are valid. */
  public record Basic(
      @Key(doc = "A user name, without ':'.") Optional<String> username,
      @Key(doc = "Its password.") Optional<Secret> password,
      @Key(doc = "More passwords, by user name.") Map<String, Secret> users,
      @Key(doc = "File with one user:password a line (plain, no hashes), read again when it changes; empty lines and "
          + "lines of # are ignored.") Optional<String> usersFile,
      @Key(doc = "How often the file is looked at for a change, at most; 0 = read once.", value = "10s", min = 0)
      Duration reloadInterval) {
    public Basic {
      users = Map.copyOf(users);
      if (username.isPresent() != password.isPresent()) {
        throw new InvalidConfig(username.isPresent() ? "password" : "username", "username and password together");
      }
      if (username.isEmpty() && users.isEmpty() && usersFile.isEmpty()) {
        throw new InvalidConfig("username", "at least one of username, users and users_file");
      }
    }
  }
}
