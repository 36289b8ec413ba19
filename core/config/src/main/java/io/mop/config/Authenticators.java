package io.mop.config;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.config.Node.Entry;
import io.mop.config.Node.Form;
import io.mop.config.Node.Mapping;
import io.mop.config.Node.Scalar;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The collector's extensions {@code bearertokenauth} and {@code basicauth}: {@code auth: {authenticator: ID}} of a
 * receiver or exporter becomes what {@code io.mop.api.net} reads, {@code auth: {bearer: …}} or {@code auth: {basic:
 * …}}.
 */
final class Authenticators {
  private static final String BEARER = "bearertokenauth";
  private static final String BASIC = "basicauth";
  private static final Set<String> TYPES = new TreeSet<>(Set.of(BEARER, BASIC));

  /** contrib extension/bearertokenauthextension. */
  record BearerTokenAuth(
      @Key(doc = "Word before the token.", value = "Bearer") String scheme,
      @Key(doc = "The token.") Optional<Secret> token,
      @Key(doc = "Tokens of clients.") List<Secret> tokens,
      @Key(doc = "File with the token; of a server, one a line.") Optional<String> filename,
      @Key(doc = "Always Authorization.", value = "Authorization") String header) {
    BearerTokenAuth {
      if (!header.equalsIgnoreCase("Authorization")) throw new InvalidConfig("header", "Authorization");
    }
  }

  /** contrib extension/basicauthextension. */
  record BasicAuth(
      @Key(doc = "What exporters send.") Optional<ClientAuth> clientAuth,
      @Key(doc = "What receivers accept.") Optional<Htpasswd> htpasswd) {}

  /** {@code client_auth}. */
  record ClientAuth(Optional<String> username, Optional<Secret> password, Optional<String> passwordFile) {}

  /** {@code htpasswd}; plain passwords only. */
  record Htpasswd(
      @Key(doc = "One user:password a line.") Optional<Secret> inline,
      @Key(doc = "File with one user:password a line.") Optional<String> file) {}

  private final Problems problems;
  private final Notes notes;
  private final Map<String, Entry> defined = new LinkedHashMap<>();
  private final Set<String> ids;
  private final Set<String> faulty = new HashSet<>();
  private final Set<String> used = new LinkedHashSet<>();

  /** Reports what is wrong with the extensions of these types. */
  Authenticators(Problems problems, Notes notes, Binder binder, Mapping extensions) {
    this.problems = problems;
    this.notes = notes;
    ids = extensions.entries().keySet();
    extensions.entries().forEach((id, entry) -> {
      if (!isOne(id)) return;
      Class<? extends Record> type = Components.type(id).equals(BEARER) ? BearerTokenAuth.class : BasicAuth.class;
      defined.put(id, entry);
      if (binder.bind(type, entry.value(), place(id, entry), Set.of()).isEmpty()) faulty.add(id);
    });
  }

  /** Whether the extension is of a type that is read here. */
  static boolean isOne(String id) {
    return TYPES.contains(Components.type(id));
  }

  /** The section of receivers or exporters with every reference replaced. */
  Mapping inline(Kind kind, Mapping section) {
    if (kind == Kind.PROCESSOR) return section;
    At at = new At(section.line(), TopologyReader.plural(kind));
    return (Mapping) inline(section, at, kind == Kind.RECEIVER);
  }

  /** Says which extensions nothing refers to. */
  void noteUnused() {
    defined.forEach((id, entry) -> {
      if (!used.contains(id)) notes.withoutEffect(place(id, entry), "no auth.authenticator names it");
    });
  }

  private static At place(String id, Entry entry) {
    return new At(entry.line(), "extensions").key(id, entry);
  }

  private Node inline(Node node, At at, boolean server) {
    if (!(node instanceof Mapping map)) return node;
    Map<String, Entry> entries = new LinkedHashMap<>();
    map.entries().forEach((key, entry) -> {
      At place = at.key(key, entry);
      boolean refers = key.equals("auth") && entry.value() instanceof Mapping auth
          && auth.entries().containsKey("authenticator");
      Node value = refers ? resolved((Mapping) entry.value(), place, server) : inline(entry.value(), place, server);
      entries.put(key, value == entry.value() ? entry : new Entry(value, entry.line(), entry.column()));
    });
    return new Mapping(entries, map.line(), map.column(), map.weight());
  }

  private Node resolved(Mapping auth, At at, boolean server) {
    Entry reference = auth.entries().get("authenticator");
    At place = at.key("authenticator", reference);
    for (Map.Entry<String, Entry> other : auth.entries().entrySet()) {
      if (other.getKey().equals("authenticator")) continue;
      problems.add(at.key(other.getKey(), other.getValue()),
          () -> Binder.unknown(other.getKey(), List.of("authenticator")));
    }
    if (!(reference.value() instanceof Scalar name) || name.form() != Form.TEXT) {
      if (!(reference.value() instanceof Scalar s && s.form() == Form.BROKEN)) {
        problems.add(place, "expected the id of an extension, got " + reference.value().kind());
      }
      return broken(reference);
    }
    String id = name.text();
    used.add(id);
    if (!ids.contains(id)) {
      problems.add(place, () -> "extension " + name.kind() + " is not defined" + Names.nearestTo(name.written(), ids));
      return broken(reference);
    }
    if (!isOne(id)) {
      problems.add(place, () -> "extension " + name.kind() + " is no authenticator; expected one of type "
          + Names.list(TYPES));
      return broken(reference);
    }
    if (faulty.contains(id)) return broken(reference);
    Mapping extension = defined.get(id).value() instanceof Mapping map ? map : mapping(Map.of(), reference);
    if (Components.type(id).equals(BEARER)) return mapping(Map.of("bearer", bearer(extension, reference)), reference);
    String needed = server ? "htpasswd" : "client_auth";
    if (!(child(extension, needed) instanceof Mapping keys)) {
      problems.add(place, () -> "extension " + name.kind() + " has no " + needed + ", which "
          + (server ? "a receiver" : "an exporter") + " needs");
      return broken(reference);
    }
    return mapping(Map.of("basic", server ? users(keys, reference) : entry(keys, reference)), reference);
  }

  private static Entry bearer(Mapping extension, Entry reference) {
    Map<String, Entry> keys = new LinkedHashMap<>();
    extension.entries().forEach((key, entry) -> {
      if (!key.equals("header")) keys.put(key.equals("filename") ? "token_file" : key, entry);
    });
    return entry(mapping(keys, reference), reference);
  }

  /** The lines of {@code inline} as a map, so that each password is a secret of its own. */
  private static Entry users(Mapping htpasswd, Entry reference) {
    Map<String, Entry> keys = new LinkedHashMap<>();
    Entry file = htpasswd.entries().get("file");
    if (file != null) keys.put("users_file", file);
    Entry inline = htpasswd.entries().get("inline");
    if (inline != null && inline.value() instanceof Scalar text) {
      Map<String, Entry> users = new LinkedHashMap<>();
      text.text().lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).forEach(line -> {
        int colon = line.indexOf(':');
        String password = line.substring(colon + 1);
        users.put(line.substring(0, Math.max(colon, 0)),
            entry(new Scalar(password, "***", Form.TEXT, true, inline.line(), inline.column(), 1), inline));
      });
      keys.put("users", entry(mapping(users, inline), inline));
    }
    return entry(mapping(keys, reference), reference);
  }

  private static Node child(Mapping map, String key) {
    Entry entry = map.entries().get(key);
    return entry == null ? Node.nothing(map.line()) : entry.value();
  }

  private static Entry entry(Node value, Entry at) {
    return new Entry(value, at.line(), at.column());
  }

  private static Mapping mapping(Map<String, Entry> entries, Entry at) {
    return new Mapping(entries, at.line(), at.column(), 1 + entries.size());
  }

  /** Stands for what is reported already. */
  private static Node broken(Entry at) {
    return new Scalar("", "", Form.BROKEN, false, at.line(), at.column(), 1);
  }
}
