package io.mop.assemble;

import io.mop.launcher.Feature;
import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonReader;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a tar of one role for one environment holds. */
final class Distribution {
  private final Home home;
  private final Role role;
  private final Environment environment;
  private final Feature feature;
  private final Tarball tar = new Tarball();
  private final TreeSet<String> jars = new TreeSet<>();

  private Distribution(Home home, Role role, Environment environment) throws AssembleException {
    this.home = home;
    this.role = role;
    this.environment = environment;
    this.feature = home.feature(role);
  }

  /** @return the file, {@code mop-<role>-<environment>-<version>.tar.gz} */
  static Path write(Home home, Role role, Environment environment, Instant time, Path directory)
      throws AssembleException, IOException {
    Distribution distribution = new Distribution(home, role, environment);
    distribution.fill();
    Path file = directory.resolve(distribution.name() + ".tar.gz");
    distribution.tar.write(file, distribution.name(), time);
    return file;
  }

  private String name() {
    return "mop-" + role.id() + "-" + environment.name() + "-" + Home.version(feature);
  }

  private void fill() throws AssembleException, IOException {
    for (Path bundle : home.bundles(feature)) {
      jar("bundles", bundle);
    }
    for (Path jar : home.list("lib")) {
      jar("lib", jar);
    }
    for (Path example : home.list("examples")) {
      String name = example.getFileName().toString();
      if (role == Role.ALL_IN_ONE || name.equals(role.id() + ".yaml") || name.equals("debug.yaml")) {
        tar.add("examples/" + name, Defaults.fill(Files.readString(example), Defaults.of(role, environment)));
      }
    }
    if (role == Role.ALL_IN_ONE) {
      for (Path jar : home.list("demo")) {
        jar("demo", jar);
      }
      for (Path file : home.list("sdk")) {
        tar.add(home.path().relativize(file).toString().replace('\\', '/'), file);
      }
    }
    tar.add("bin/mop", home.file("bin/mop"));
    tar.add("features/" + role.id() + ".json", featureFile());
    tar.add("etc/mop.yaml", home.configuration(role, environment));
    tar.link("features/" + role.id() + ".yaml", "../etc/mop.yaml");
    tar.add("etc/mop.env", variables());
    tar.add("systemd/mop.service", SystemdUnit.of(role, environment, Needs.of(home.bundles(feature))));
    tar.add("INSTALL.md", install());
    tar.add("LICENSE", home.file("LICENSE"));
    tar.directory("plugins");
    thirdParty();
  }

  private void jar(String directory, Path file) throws IOException {
    String name = file.getFileName().toString();
    jars.add(name);
    tar.add(directory + "/" + name, file);
  }

  /** As it is, with a prototype's bundles written out. */
  private String featureFile() throws IOException {
    JsonObject source;
    try (JsonReader reader = Json.createReader(Files.newBufferedReader(home.file("features/" + role.id() + ".json")))) {
      source = reader.readObject();
    }
    JsonObjectBuilder json = Json.createObjectBuilder();
    source.forEach((key, value) -> {
      if (!List.of("prototype", "bundles").contains(key)) {
        json.add(key, value);
      }
    });
    JsonArrayBuilder bundles = Json.createArrayBuilder();
    for (Feature.Entry entry : feature.bundles()) {
      bundles.add(
          Json.createObjectBuilder()
              .add("id", entry.group() + ":" + entry.artifact() + ":" + entry.version())
              .add("start-order", entry.startOrder()));
    }
    StringWriter text = new StringWriter();
    try (JsonWriter writer = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true)).createWriter(text)) {
      writer.writeObject(json.add("bundles", bundles).build());
    }
    return text.toString().strip() + "\n";
  }

  private String variables() {
    return Defaults.process(role, environment).entrySet().stream()
        .map(variable -> variable.getKey() + "=" + variable.getValue() + "\n")
        .collect(
            Collectors.joining(
                "", "# What bin/mop takes for what its environment does not say; NAME=VALUE lines.\n", ""));
  }

  private String install() throws IOException {
    try (InputStream template = Distribution.class.getResourceAsStream("INSTALL.md")) {
      return new String(template.readAllBytes(), StandardCharsets.UTF_8)
          .replace("@name@", name())
          .replace("@role@", role.id())
          .replace("@environment@", environment.name())
          .replace("@version@", Home.version(feature))
          .replace("@libbpf@", needsLibbpf() ? ", and `libbpf1` (capture)" : "")
          .replaceAll("\\n{3,}", "\n\n");
    }
  }

  private boolean needsLibbpf() {
    return feature.bundles().stream().anyMatch(entry -> entry.artifact().equals("io.mop.bpf"));
  }

  private void thirdParty() throws IOException, AssembleException {
    ThirdParty others = ThirdParty.of(Files.readString(home.file("third-party/THIRD-PARTY.txt")), jars);
    tar.add("third-party/THIRD-PARTY.txt", others.text());
    for (String licence : others.licences()) {
      tar.add("third-party/licenses/" + licence + ".txt", home.file("third-party/licenses/" + licence + ".txt"));
    }
    for (String artifact : others.artifacts()) {
      for (Path notice : home.list("third-party/" + artifact)) {
        tar.add(home.path().relativize(notice).toString().replace('\\', '/'), notice);
      }
    }
  }
}
