package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Against an independent validator. */
class ConfigSchemaTest {
  /** A record that holds a list of itself, and every kind of value. */
  public record Tree(
      @Key("1") int number,
      @Key("0.5") double share,
      @Key(value = "10s", doc = "How long.", min = 1_000_000) Duration pause,
      Optional<Size> room,
      Optional<Samples.Verb> verb,
      List<Tree> children,
      Optional<String> text) {}

  private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  private static Samples.Catalog catalog() {
    return Samples.catalog().with(Kind.PROCESSOR, "tree", "1.0.0", Tree.class);
  }

  private static final JsonSchema SCHEMA = FACTORY.getSchema(ConfigSchema.of(catalog()));

  private static Set<String> problems(String yaml) {
    JsonNode document = new ObjectMapper().valueToTree(new Load(LoadSettings.builder().build()).loadFromString(yaml));
    Set<String> problems = new TreeSet<>();
    for (ValidationMessage m : SCHEMA.validate(document)) problems.add(m.getInstanceLocation() + " " + m.getMessage());
    return problems;
  }

  private static String processor(String tree) {
    return """
        receivers: {otlp: }
        processors: {tree: {%s}}
        exporters: {debug/x: {sample: 5}}
        service: {pipelines: {traces: {receivers: [otlp], processors: [tree], exporters: [debug/x]}}}
        """.formatted(tree);
  }

  @Test
  void itIsAValidSchemaAndTheSameEveryTime() throws Exception {
    String text = ConfigSchema.of(catalog());
    assertThat(text).isEqualTo(ConfigSchema.of(catalog())).endsWith("}\n");
    JsonNode schema = new ObjectMapper().readTree(text);
    JsonSchema meta = FACTORY.getSchema(SchemaLocation.of(schema.get("$schema").asText()));
    assertThat(meta.validate(schema)).isEmpty();
    JsonNode pause = schema.at("/properties/processors/patternProperties/^tree(~1.+)?$/properties/pause");
    assertThat(pause.get("description").asText())
        .isEqualTo("How long. Expected: a duration of at least 1ms.");
    assertThat(pause.get("default").asText()).isEqualTo("10s");
    assertThat(schema.at("/$defs").has("processors.tree.Tree")).isTrue();
    JsonNode consumers = schema.at("/$defs/exporters.SendingQueue/properties/num_consumers/anyOf/0/maximum");
    assertThat(consumers.asInt()).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = "gateway.yaml")
  void whatMopTakesIsValid(String name) throws Exception {
    Path file = Path.of(ConfigSchemaTest.class.getResource("/collector/" + name).toURI());
    String yaml = Files.readString(file).replace("<<: *auth", "authorization: x");
    assertThat(problems(yaml)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "number: 7", "number: \"7\"", "number: \"${env:N}\"", "share: 1", "share: .5", "pause: 1m30s",
        "pause: \"${file:w}\"",
        "room: 0", "room: 4MiB", "verb: DELETE-ALL", "verb: insert", "children: [{children: [{number: 3}]}, ]",
        "text: 1.0",
        "text: true", "children: ", "number: ",
      })
  void everyWayToWriteAValueIsValid(String keys) throws Exception {
    assertThat(problems(processor(keys))).isEmpty();
    Path file = Files.createTempFile("schema", ".yaml");
    try {
      Files.writeString(file, processor(keys).replaceAll("\\$\\{(env:N|file:w)}", keys.contains("pause") ? "1s" : "1"));
      new Configuration(n -> null).load(file, catalog()); // and taken
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "nubmer: 7 | nubmer",
        "children: [{nubmer: 7}] | nubmer",
        "number: many | $.processors.tree.number",
        "pause: 10 | $.processors.tree.pause",
        "pause: 10 seconds | $.processors.tree.pause",
        "room: 4 MB of it | $.processors.tree.room",
        "verb: remove | $.processors.tree.verb",
        "children: {} | $.processors.tree.children",
        "text: [a] | $.processors.tree.text",
      })
  void whatMopRefusesIsNot(String keys, String where) {
    assertThat(problems(processor(keys))).isNotEmpty().anyMatch(p -> p.contains(where));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "receivers: {oltp: }",
        "recievers: {otlp: }",
        "exporters: {otlp: {endpoint: x, sending_queue: {sise: 4MiB}}}",
        "exporters: {otlp: {timeout: 5s}}",
        "exporters: {debug: {sample: 1001}}",
        "extensions: {health_chekc: }",
        "connectors: {forward: }",
        "service: {pipelines: {}}",
        "service: {pipelines: {trace: {receivers: [otlp], exporters: [debug]}}}",
        "service: {pipelines: {traces: {recievers: [otlp], exporters: [debug]}}}",
        "service: {pipelines: {traces: {receivers: [], exporters: [debug]}}}",
        "service: {memroy: 1GiB, pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}",
      })
  void aMisspelledKeyIsNotValid(String section) {
    String good = "service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}}";
    assertThat(problems(good)).isEmpty();
    assertThat(problems(section.startsWith("service") ? section : good + "\n" + section)).isNotEmpty();
  }

  @Test
  void aPluginWhoseRecordIsAtFaultDoesNotHideTheOthers() {
    record Broken(Thread thread) {}
    String text = ConfigSchema.of(Samples.catalog().with(Kind.PROCESSOR, "broken", "2.0.0", Broken.class));
    assertThat(text).contains("The configuration type of io.mop.test.broken 2.0.0 is at fault.", "^debug(/.+)?$");
  }
}
