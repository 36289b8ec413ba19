package io.mop.plugins.attributes;

import static io.mop.plugins.attributes.Actions.pattern;
import static io.mop.plugins.attributes.Actions.plain;
import static io.mop.plugins.attributes.Actions.rename;
import static io.mop.plugins.attributes.Actions.set;
import static io.mop.plugins.attributes.Actions.sha256;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The processor {@code resource}. */
class ResourceTest {
  private final TestContext context = new TestContext("exporters.debug");

  @ParameterizedTest
  @EnumSource
  void resourcesChangeOnce(Signal signal) {
    List<Action> actions = List.of(set("upsert", "env", "prod"), plain("hash", "host"), rename("old", "new"));
    TestSpan in = TestSpan.of("x").attribute("env", "mine").resource("host", "h").resource("old", 1L);
    TestSpan plain = TestSpan.of("y").resource("z", "z");
    List<TestSpan> spans = List.of(in, in, plain, in);
    byte[] request = switch (signal) {
      case TRACES -> TestSpan.request(spans);
      case METRICS -> bytes(TestBatch.metrics(context, spans));
      case LOGS -> bytes(TestBatch.logs(context, spans));
    };
    TestContext own = new TestContext("processors.resource");
    TransformHarness harness =
        new TransformHarness(own, new Resource().create(new Resource.Config(actions), own));
    TestSpan out = TestSpan.of("x").attribute("env", "mine").resource("host", sha256("h")).resource("new", 1L)
        .resource("env", "prod");
    // the written order: what was there keeps its place
    List<TestSpan> expected = List.of(out, out, plain.resource("env", "prod"), out);
    byte[] written = harness.apply(signal, request);
    byte[] wanted = switch (signal) {
      case TRACES -> TestSpan.request(expected);
      case METRICS -> bytes(TestBatch.metrics(context, expected));
      case LOGS -> bytes(TestBatch.logs(context, expected));
    };
    assertThat(written).isEqualTo(wanted);
    List<Action> byPattern = List.of(pattern("delete", "", "^(host|old)$"));
    TransformHarness deleting =
        new TransformHarness(own, new Resource().create(new Resource.Config(byPattern), own));
    assertThat(deleting.apply(List.of(in, plain)))
        .containsExactly(TestSpan.of("x").attribute("env", "mine"), plain);
  }

  private static byte[] bytes(TestBatch batch) {
    ByteBuffer wire = batch.wire();
    byte[] copy = new byte[wire.remaining()];
    wire.get(copy);
    return copy;
  }
}
