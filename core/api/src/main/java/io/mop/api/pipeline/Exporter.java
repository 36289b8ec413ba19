package io.mop.api.pipeline;

import io.mop.api.data.Batch;
import io.mop.api.plugin.Part;
import java.time.Duration;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** Sends one batch. Queue, retry, back-off, concurrency and accounting are the engine's. */
@ConsumerType
public interface Exporter extends Part {
  /**
   * Returns soon; calls exactly one method of {@code outcome} once, then or later, from any thread. The batch's bytes
   * stay valid until then. Throwing counts as {@code outcome.retry}.
   */
  void export(Batch batch, Outcome outcome);

  /** What became of the batch. */
  @ProviderType
  interface Outcome {
    void delivered();

    /** The peer took the rest and will never take {@code rejected} of the items. */
    void partly(int rejected, String why);

    /**
     * Nothing arrived: the same bytes again, not before {@code after}; {@code Duration.ZERO} = as the queue's back-off
     * says.
     */
    void retry(String why, Duration after);

    /** The peer will never take this batch; its items count as failed. */
    void rejected(String why);
  }
}
