package io.mop.capture;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Ack;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import io.mop.api.plugin.Context;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Consumer;

/** Hands requests to the pipelines and counts those that they refuse. */
final class Door {
  private final Intake intake;
  private final Signal signal;
  private final Context.Counter refused;
  private final Ack ack =
      new Ack() {
        @Override
        public void safe() {}

        @Override
        public void refused(String why, Duration retryAfter) {
          refused.add(1); // under durability export the bytes are gone by now: counted by the pipeline as refused
        }
      };

  Door(Intake intake, Signal signal, Context.Counter refused) {
    this.intake = intake;
    this.signal = signal;
    this.refused = refused;
  }

  boolean carries() {
    return intake.carries(signal);
  }

  /**
   * Hands on a request of so many bytes.
   *
   * @param content writes it; not asked if the pipelines refuse
   * @return whether they did not
   */
  boolean hand(int bytes, Consumer<ByteBuffer> content) {
    Landing landing;
    try {
      landing = intake.reserve(signal, bytes, "");
    } catch (Refused e) {
      refused.add(1);
      return false;
    }
    content.accept(landing.buffer());
    try {
      landing.submit(ack);
    } catch (Malformed e) {
      throw new IllegalStateException("a malformed request was made of " + signal, e);
    }
    return true;
  }
}
