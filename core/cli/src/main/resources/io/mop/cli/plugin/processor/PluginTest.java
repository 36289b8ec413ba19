package @package@;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.InvalidConfig;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

class @Class@Test {
  private final TestContext context = new TestContext("processors.@name@");

  private TransformHarness harness(boolean overwrite) {
    @Class@.Config config = new @Class@.Config("region", "eu", overwrite);
    return new TransformHarness(context, new @Class@().create(config, context));
  }

  private static TestSpan item(String region) {
    TestSpan item = TestSpan.of("GET /").attribute("other", 1L);
    return region == null ? item : item.attribute("region", region);
  }

  @ParameterizedTest(name = "{0}, overwrite {1}: {2}")
  @CsvFileSource(resources = "/items.csv", numLinesToSkip = 1)
  void everySignal(String before, boolean overwrite, String after, long set) {
    TransformHarness harness = harness(overwrite);
    List<TestSpan> items = List.of(item(before), item(before));
    assertThat(harness.apply(items)).containsOnly(item(after)).hasSize(2);
    assertThat(harness.applyToLogs(items)).extracting(TestSpan::attributes).containsOnly(item(after).attributes());
    assertThat(harness.applyToMetrics(items)).extracting(TestSpan::attributes).containsOnly(item(after).attributes());
    assertThat(context.count("set")).isEqualTo(3 * 2 * set);
  }

  @Test
  void anEmptyKeyIsRefused() {
    assertThatThrownBy(() -> new @Class@.Config(" ", "eu", false)).isInstanceOf(InvalidConfig.class);
  }
}
