package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** {@code mop schema} describes the shipped plugins: every example is valid by it, and a misspelled key is not. */
@Timeout(300)
class SchemaTest {
  @TempDir Path directory;

  private static JsonNode document(String yaml) {
    return new ObjectMapper().valueToTree(new Load(LoadSettings.builder().build()).loadFromString(yaml));
  }

  @Test
  void examplesAreValidAndMisspelledKeysAreNot() throws Exception {
    Cli.Result printed = Cli.run(directory, "schema");
    assertThat(printed.code()).as(printed.toString()).isZero();
    assertThat(Cli.run(directory, "schema").out()).as("the second time").isEqualTo(printed.out());
    JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(printed.out());
    for (Path example : Distribution.files("examples", ".yaml")) {
      String yaml = Files.readString(example);
      assertThat(schema.validate(document(yaml))).as(example.toString()).isEmpty();
      for (String key : new String[] {"receivers:", "pipelines:", "exporters:", "traces:"}) {
        String wrong = yaml.replaceFirst(key, "x" + key);
        assertThat(schema.validate(document(wrong))).as("%s with x%s", example, key).isNotEmpty();
      }
    }
    String gateway = Files.readString(Distribution.HOME.resolve("examples/gateway.yaml"));
    String wrong = gateway.replaceFirst("initial_interval", "intial_interval");
    assertThat(wrong).isNotEqualTo(gateway);
    assertThat(schema.validate(document(wrong))).isNotEmpty();
  }
}
