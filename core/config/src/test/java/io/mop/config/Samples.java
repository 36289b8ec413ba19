package io.mop.config;

import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plugins as a distribution would have them; none is ever started. */
public final class Samples {
  private Samples() {}

  /** Like the collector's otlp receiver: a section that is written is on. */
  public record Receiver(Protocols protocols) {}

  public record Protocols(Optional<Server> grpc, Optional<Server> http) {}

  public record Server(@Key("127.0.0.1:4317") String endpoint, @Key("4MiB") Size maxRequest) {}

  public record Attributes(List<Action> actions) {
    public Attributes {
      if (actions.size() > 3) throw new InvalidConfig("actions", "at most 3 actions");
    }
  }

  public record Action(String key, Verb action, Optional<String> value) {
    public Action {
      if (action == Verb.INSERT && value.isEmpty()) throw new InvalidConfig("value", "a value to insert");
    }
  }

  public enum Verb {
    INSERT,
    UPDATE,
    DELETE_ALL
  }

  public enum Protocol {
    HTTP,
    GRPC
  }

  public record Otlp(
      @Key("grpc") Protocol protocol,
      String endpoint,
      Map<String, Secret> headers,
      @Key(value = "5s", min = 1_000_000) Duration timeout,
      Optional<Tls> tls) {}

  public record Tls(@Key("false") boolean insecure, Optional<String> caFile) {}

  public record Debug(@Key(value = "10", min = 0, max = 1000) int sample) {}

  private static Plugin<?> plugin(Class<? extends Record> type) {
    return typed(type);
  }

  private static <C extends Record> Plugin<C> typed(Class<C> type) {
    return new Plugin<>() {
      @Override
      public Class<C> config() {
        return type;
      }

      @Override
      public Part create(C config, Context context) {
        throw new AssertionError("loading starts nothing");
      }
    };
  }

  /** A catalog of the plugins given. */
  public static final class Catalog implements PluginCatalog {
    private final List<PluginType> types = new ArrayList<>();

    public Catalog with(Kind kind, String name, String version, Class<? extends Record> type) {
      return with(kind, name, version, plugin(type));
    }

    Catalog with(Kind kind, String name, String version, Plugin<?> plugin) {
      types.add(new PluginType(kind, name, version, "io.mop.test." + name, types.size() + 1, plugin));
      return this;
    }

    @Override
    public Optional<PluginType> find(Kind kind, String name) {
      return types.stream().filter(t -> t.kind() == kind && t.name().equals(name)).findFirst();
    }

    @Override
    public List<PluginType> all() {
      return List.copyOf(types);
    }

    @Override
    public List<Installed> installed() {
      return types.stream().map(t -> new Installed(t, Optional.empty())).toList();
    }

    @Override
    public void quarantine(PluginType type, String reason) {
      throw new AssertionError("loading refuses no plugin");
    }

    @Override
    public void release(PluginType type) {
      throw new AssertionError("loading releases no plugin");
    }

    @Override
    public Listening onChange(Runnable changed) {
      throw new AssertionError("loading does not listen");
    }
  }

  public static Catalog catalog() {
    return new Catalog()
        .with(Kind.RECEIVER, "otlp", "0.1.0", Receiver.class)
        .with(Kind.PROCESSOR, "attributes", "0.2.0", Attributes.class)
        .with(Kind.EXPORTER, "debug", "0.3.0", Debug.class)
        .with(Kind.EXPORTER, "otlp", "0.1.0", Otlp.class);
  }

  static final Map<String, String> ENV = Map.of("TOKEN", "hunter2-secret", "PORT", "4317", "EMPTY", "");

  static Node node(String yaml) throws ConfigError {
    var problems = new Problems("mop.yaml");
    Node node = Yaml.parse(yaml, problems, substitution(Path.of("."))).orElseThrow();
    problems.throwIfAny();
    return node;
  }

  static Substitution substitution(Path directory) {
    return new Substitution(ENV::get, directory);
  }

  /** Binds a whole document as if it were one component's section. */
  static RecordBinder binder(String yaml) throws ConfigError {
    return new RecordBinder("mop.yaml", new At(1, "x"), node(yaml), List.of(), Map.of());
  }
}
