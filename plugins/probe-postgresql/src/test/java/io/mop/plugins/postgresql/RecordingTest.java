package io.mop.plugins.postgresql;

import io.mop.testkit.Replay;
import io.mop.testkit.ReplayTest;
import io.mop.testkit.TestContext;

/** What {@code mop record} wrote of psql, pgbench and PostgreSQL 15, masked. */
class RecordingTest {
  private final TestContext context = new TestContext("protocols.postgresql");

  @ReplayTest(recording = "recorded.moprec", expect = "recorded.yaml")
  void recorded(Replay replay) {
    replay.with(() -> Tap.protocol(context));
  }
}
