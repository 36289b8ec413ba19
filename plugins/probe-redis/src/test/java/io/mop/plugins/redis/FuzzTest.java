package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.DecoderFuzz;
import io.mop.testkit.TestContext;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuzzTest {
  private final TestContext context = new TestContext("protocols.redis");

  @Test
  void aMillionMutatedConversations() {
    List<Conversation> fixtures = FixturesTest.fixtures().map(FixturesTest.Fixture::conversation).toList();
    DecoderFuzz.Outcome outcome = new DecoderFuzz(() -> Tap.protocol(context), fixtures).run();
    assertThat(outcome.completed()).as("some are still right").isGreaterThan(outcome.inputs());
    assertThat(context.counted()).containsKeys("malformed_messages", "pushed_messages");
  }
}
