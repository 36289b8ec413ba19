package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.DecoderFuzz;
import io.mop.testkit.TestContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuzzTest {
  private final TestContext context = new TestContext("protocols.http");

  @Test
  void aMillionMutatedConversations() {
    List<Conversation> fixtures = new ArrayList<>(Fixture.all().stream().map(Fixture::conversation).toList());
    for (String name : List.of("nginx-jdk", "nginx-pipelined", "node-websocket")) fixtures.add(RecordedTest.read(name));
    DecoderFuzz.Outcome outcome = new DecoderFuzz(() -> Tap.protocol(context, 384), fixtures).run();
    assertThat(outcome.completed()).as("some are still right").isGreaterThan(outcome.inputs() / 4);
    assertThat(context.counted()).containsKeys("malformed_messages", "oversized_heads");
  }
}
