package io.mop.api.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeasureTest {
  /** OpenTelemetry's semantic conventions, metric db.client.operation.duration. */
  @Test
  void operationsOfDatabasesAreMeasuredAsTheConventionsSay() {
    Measure client = Measure.database(false);
    assertThat(client.name()).isEqualTo("db.client.operation.duration");
    assertThat(client.bounds()).containsExactly(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0);
    assertThat(client.attributes())
        .containsExactlyInAnyOrder(
            "db.system.name", "db.namespace", "db.operation.name", "db.collection.name", "db.query.summary",
            "db.response.status_code", "error.type", "server.address", "server.port");
  }

  @Test
  void theServerOfADatabaseIsMeasuredAsItsClients() {
    Measure client = Measure.database(false);
    assertThat(Measure.database(true))
        .isEqualTo(new Measure("db.server.operation.duration", client.attributes(), client.bounds()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0 1.0", "2.0 1.0", "NaN", "1.0 Infinity"})
  void boundsThatDoNotAscendAreRefused(String text) {
    List<Double> bounds = List.of(text.split(" ")).stream().map(Double::valueOf).toList();
    assertThatThrownBy(() -> new Measure("some.duration", List.of(), bounds))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("bounds must ascend: " + bounds);
  }

  @Test
  void whatItIsMadeFromMayChange() {
    List<String> attributes = new ArrayList<>(List.of("a"));
    Measure measure = new Measure("some.duration", attributes, List.of(1.0));
    attributes.add("b");
    assertThat(measure.attributes()).containsExactly("a");
  }
}
