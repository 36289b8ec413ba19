package io.mop.plugins.http;

import io.mop.testkit.Replay;
import io.mop.testkit.ReplayTest;
import io.mop.testkit.TestContext;

/** What {@code mop record} wrote of curl and nginx, masked. */
class RecordingTest {
  private final TestContext context = new TestContext("protocols.http");

  @ReplayTest(recording = "recorded.moprec", expect = "recorded.yaml")
  void recorded(Replay replay) {
    replay.with(() -> Tap.protocol(context));
  }
}
