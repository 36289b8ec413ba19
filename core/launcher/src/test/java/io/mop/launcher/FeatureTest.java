package io.mop.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeatureTest {
  @TempDir Path dir;

  @Test
  void readsBundlesInOrderAndIgnoresWhatItDoesNotKnow() throws Exception {
    Path file =
        Files.writeString(
            dir.resolve("f.json"),
            """
            { "feature-resource-version": "1.0", "id": "io.mop:all:1.0.0", "license": "MIT",
              "bundles": [ { "id": "org.osgi:org.osgi.util.function:1.2.0", "start-order": 1, "hash": "x" },
                           { "id": "io.mop:io.mop.api:0.1.0-SNAPSHOT", "start-order": 20 } ] }""");
    Feature feature = Feature.read(file);
    assertThat(feature)
        .isEqualTo(
            new Feature(
                "io.mop:all:1.0.0",
                java.util.List.of(
                    new Feature.Entry("org.osgi", "org.osgi.util.function", "1.2.0", 1),
                    new Feature.Entry("io.mop", "io.mop.api", "0.1.0-SNAPSHOT", 20))));
    assertThat(feature.bundles().get(1).file()).isEqualTo("io.mop.api-0.1.0-SNAPSHOT.jar");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "not JSON | hello | is not a feature in JSON",
        "an array | [] | is not a feature in JSON",
        "empty | `` | is not a feature in JSON",
        "cut off | { \"id\": \"a:b:1\", \"bundles\": [ | is not a feature in JSON",
        "no bundles | { \"id\": \"a:b:1\" } | \"bundles\" is missing or is not an array.",
        "bundles of a wrong type | { \"bundles\": 1 } | \"bundles\" is missing or is not an array.",
        "no id | { \"bundles\": [] } | the feature has no \"id\".",
        "a bundle that is no object | { \"bundles\": [ 1 ] } | bundles[0] is not an object",
        "a bundle without id | { \"bundles\": [ { \"start-order\": 1 } ] } | bundles[0] has no \"id\".",
        "an id of two parts | { \"bundles\": [ { \"id\": \"a:b\" } ] } | is \"a:b\", expected group:artifact:version.",
        "a path | { \"bundles\": [ { \"id\": \"a:../b:1\" } ] } | expected group:artifact:version.",
        "no order | { \"bundles\": [ { \"id\": \"a:b:1\" } ] } | bundles[0] (a:b:1) needs a \"start-order\" from 1 to",
        "order 0 | { \"bundles\": [ { \"id\": \"a:b:1\", \"start-order\": 0 } ] } | \"start-order\" from 1 to 100.",
        "order 1e9 | { \"bundles\": [ { \"id\": \"a:b:1\", \"start-order\": 1e9 } ] } | \"start-order\" from 1 to 100.",
        "order 1.5 | { \"bundles\": [ { \"id\": \"a:b:1\", \"start-order\": 1.5 } ] } | \"start-order\" from 1 to 100.",
      })
  void saysWhatIsWrong(String name, String json, String expected) throws Exception {
    Path file = Files.writeString(dir.resolve("f.json"), json);
    LaunchException problem = catchThrowableOfType(LaunchException.class, () -> Feature.read(file));
    assertThat(problem).hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
    assertThat(problem.exitCode()).isEqualTo(1);
  }

  private Path derived(String prototype) throws Exception {
    Files.writeString(
        dir.resolve("all.json"),
        """
        { "id": "io.mop:all:1",
          "bundles": [ { "id": "a:lib:1", "start-order": 10 }, { "id": "io.mop:probe-http:1", "start-order": 30 },
                       { "id": "io.mop:probe-sql:1", "start-order": 30 },
                       { "id": "io.mop:api:1", "start-order": 20 } ] }
        """);
    return Files.writeString(
        dir.resolve("f.json"),
        "{ \"id\": \"io.mop:f:1\", \"prototype\": " + prototype
            + ", \"bundles\": [ { \"id\": \"x:y:2\", \"start-order\": 30 } ] }");
  }

  @Test
  void aPrototypesBundlesComeFirstWithoutWhatIsRemoved() throws Exception {
    Path file =
        derived("{ \"id\": \"io.mop:all:1\", \"removals\": { \"bundles\": [ \"a:lib\", \"io.mop:probe-*\" ] } }");
    assertThat(Feature.read(file).bundles()).extracting(Feature.Entry::file).containsExactly("api-1.jar", "y-2.jar");
    assertThat(Feature.read(derived("{ \"id\": \"io.mop:all:1\" }")).bundles()).hasSize(5);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "without id | {} | prototype has no \"id\".",
        "unknown | { \"id\": \"io.mop:none:1\" } | prototype: there is no ",
        "of itself | { \"id\": \"io.mop:f:1\" } | has a prototype itself.",
        "removes what is not there | { \"id\": \"io.mop:all:1\", \"removals\": { \"bundles\": [ \"a:x\" ] } }"
            + " | no bundle a:x.",
        "removes no list | { \"id\": \"io.mop:all:1\", \"removals\": { \"bundles\": 1 } }"
            + " | \"bundles\" is missing or is not",
      })
  void saysWhatIsWrongWithAPrototype(String name, String prototype, String expected) throws Exception {
    Path file = derived(prototype);
    LaunchException problem = catchThrowableOfType(LaunchException.class, () -> Feature.read(file));
    assertThat(problem).hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
  }

  @Test
  void aMissingFileIsNotFound() {
    LaunchException problem =
        catchThrowableOfType(LaunchException.class, () -> Feature.read(dir.resolve("none.json")));
    assertThat(problem).hasMessage("There is no feature " + dir.resolve("none.json") + ".");
    assertThat(problem.exitCode()).isEqualTo(4);
  }
}
