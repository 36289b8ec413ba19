package io.mop.plugins.redis;

import io.mop.testkit.Replay;
import io.mop.testkit.ReplayTest;
import io.mop.testkit.TestContext;

/** What {@code mop record} wrote of redis-cli and redis-server, masked. */
class RecordingTest {
  private final TestContext context = new TestContext("protocols.redis");

  @ReplayTest(recording = "recorded.moprec", expect = "recorded.yaml")
  void recorded(Replay replay) {
    replay.with(() -> Tap.protocol(context));
  }
}
