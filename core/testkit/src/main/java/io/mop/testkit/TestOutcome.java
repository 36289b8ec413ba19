package io.mop.testkit;

import io.mop.api.pipeline.Exporter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what an exporter says of its batches, each call as one line: {@code delivered}, {@code partly 2 WHY}, {@code
 * retry PT7S WHY} or {@code rejected WHY}.
 */
public final class TestOutcome implements Exporter.Outcome {
  /** How long {@link #take} waits. */
  public static final Duration LIMIT = Duration.ofSeconds(60);

  private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();

  /** The next call, waited for; fails if there is none within {@link #LIMIT}. */
  public String take() {
    try {
      String call = calls.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (call == null) throw new AssertionError("no outcome within " + LIMIT);
      return call;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Calls that were not taken: a test that takes all it expects checks that none is left. */
  public List<String> untaken() {
    return List.copyOf(calls);
  }

  @Override
  public void delivered() {
    calls.add("delivered");
  }

  @Override
  public void partly(int rejected, String why) {
    calls.add("partly " + rejected + " " + why);
  }

  @Override
  public void retry(String why, Duration after) {
    calls.add("retry " + after + " " + why);
  }

  @Override
  public void rejected(String why) {
    calls.add("rejected " + why);
  }
}
