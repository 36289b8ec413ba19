package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.DecoderFuzz;
import io.mop.testkit.TestContext;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuzzTest {
  private final TestContext context = new TestContext("protocols.postgresql");

  @Test
  void aMillionMutatedConversations() {
    List<Conversation> fixtures = Fixture.all().stream().map(Fixture::conversation).toList();
    DecoderFuzz.Outcome outcome = new DecoderFuzz(() -> Tap.protocol(context), fixtures).run();
    assertThat(outcome.completed()).as("some are still right").isGreaterThan(outcome.inputs() / 4);
    assertThat(context.counted()).containsKeys("malformed_messages", "unknown_statements", "unreadable_statements");
  }
}
