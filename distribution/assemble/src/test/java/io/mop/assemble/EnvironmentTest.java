package io.mop.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  private static final Path DIRECTORY = BuiltHome.FEATURES.resolve("environments");
  @TempDir Path dir;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "dev, observability-dev, dev.mop.local, 1, 100m, 256Mi, 500m, 512Mi, warn, text",
    "staging, observability-staging, staging.mop.local, 2, 500m, 1Gi, 2, 2Gi, warn, json",
    "production, observability, mop.example.com, 3, 1, 2Gi, 4, 4Gi, require, json",
  })
  void isAsDecided(
      String name, String namespace, String domain, int replicas, String cpu, String memory, String cpuLimit,
      String memoryLimit, String trust, String logFormat) throws Exception {
    Environment environment = Environment.read(DIRECTORY, name);
    assertThat(environment.namespace()).isEqualTo(namespace);
    assertThat(environment.domain()).isEqualTo(domain);
    assertThat(environment.backend()).isEqualTo("otlp." + domain + ":4317");
    assertThat(environment.trust()).isEqualTo(trust);
    assertThat(environment.logFormat()).isEqualTo(logFormat);
    assertThat(environment.image().isPresent()).as("a default image").isEqualTo(name.equals("dev"));
    Environment.Scale gateway = environment.scale(Role.GATEWAY);
    assertThat(gateway.replicas()).isEqualTo(replicas);
    assertThat(gateway.requests()).contains(new Environment.Resources(cpu, memory));
    assertThat(gateway.limits()).contains(new Environment.Resources(cpuLimit, memoryLimit));
    assertThat(environment.scale(Role.AGENT).requests()).contains(new Environment.Resources("50m", "128Mi"));
    assertThat(environment.scale(Role.AGENT).limits()).contains(new Environment.Resources("200m", "256Mi"));
    assertThat(environment.scale(Role.ALL_IN_ONE).sizes()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "unknown key | \"domain\": | \"domian\": 1, \"domain\": | domian: unknown key.",
        "unknown key below | \"class\": | \"clas\": 1, \"class\": | storage.clas: unknown key.",
        "missing | \"trust\": \"warn\", | | trust: nothing, expected text like off|warn|require.",
        "wrong word | \"trust\": \"warn\" | \"trust\": \"deny\" | trust: \"deny\", expected",
        "no port | domain}:4317\", | domain}\", | endpoints.gateway: ",
        "wrong size | 512Mi | 512M | \"512M\", expected memory such as 256Mi or 2Gi.",
        "wrong CPU | 500m | 0.5 | \"0.5\", expected CPUs such as 200m or 2.",
        "too small | 512Mi | 64Mi | a memory limit of 64 MiB, expected 192 or more.",
        "no replica | \"replicas\": 1 | \"replicas\": 0 | roles.gateway.replicas: 0, expected a number from 1 to 1000.",
        "no object | \"requests\": { \"cpu\": \"100m\", \"memory\": \"256Mi\" } | \"requests\": 1 | gateway.requests: 1, expected an object.",
      })
  void saysWhatIsWrong(String name, String from, String to, String expected) throws Exception {
    String text = Files.readString(DIRECTORY.resolve("dev.json"));
    assertThat(text).contains(from);
    Path file = Files.writeString(dir.resolve("dev.json"), text.replace(from, to == null ? "" : to));
    AssembleException problem = catchThrowableOfType(AssembleException.class, () -> Environment.read(dir, "dev"));
    assertThat(problem).hasMessageStartingWith(file + ": ").hasMessageContaining(expected);
    assertThat(problem.exitCode()).isEqualTo(1);
  }

  @Test
  void aMissingOneIsNotFound() {
    AssembleException problem = catchThrowableOfType(AssembleException.class, () -> Environment.read(dir, "moon"));
    assertThat(problem).hasMessage("There is no environment " + dir.resolve("moon.json") + ".");
    assertThat(problem.exitCode()).isEqualTo(4);
  }

  @ParameterizedTest(name = "{0} MiB")
  @ValueSource(longs = {192, 256, 512, 2048, 4096, 16384, 65536})
  void whatAProcessTakesFitsIntoItsLimit(long limit) {
    Sizes sizes = Sizes.of(limit);
    assertThat(sizes.heap() + sizes.direct()).isLessThanOrEqualTo(limit - 96);
    assertThat(sizes.batches()).isLessThan(sizes.direct()).isLessThanOrEqualTo(1024);
    assertThat(sizes.queue()).isLessThan(sizes.batches()).isPositive();
  }
}
