package io.mop.capture;

import java.util.Arrays;
import java.util.Optional;

/** What was seen of one process that tells whether it has an SDK of its own. Written by the ring thread. */
final class SdkSigns {
  private static final int MAX_PORTS = 64;

  /** It receives OTLP: what it sends was made by others. */
  boolean receivesOtlp;
  /** It passes trace contexts on as they came. */
  boolean passesOn;
  /** Trace contexts that it sent without having received their traces. */
  int unknown;

  private volatile String sentOtlpTo = "";
  private volatile String sentContextTo = "";
  private int[] answered = new int[0];

  boolean sentOtlp() {
    return !sentOtlpTo.isEmpty();
  }

  void sentOtlp(String to) {
    sentOtlpTo = to;
  }

  void sentContext(String to) {
    sentContextTo = to;
  }

  /** It turned out that what told of an SDK was another's. */
  void takeBack() {
    if (receivesOtlp) sentOtlpTo = "";
    if (passesOn) sentContextTo = "";
  }

  boolean sdk() {
    return !sentOtlpTo.isEmpty() || !sentContextTo.isEmpty();
  }

  /** A request to this port could be read. */
  void answers(int port) {
    if (answersOn(port) || answered.length == MAX_PORTS) return;
    answered = Arrays.copyOf(answered, answered.length + 1);
    answered[answered.length - 1] = port;
  }

  boolean answersOn(int port) {
    for (int p : answered) if (p == port) return true;
    return false;
  }

  /** What gave it away; by any thread. */
  Optional<String> reason() {
    if (!sentOtlpTo.isEmpty()) return Optional.of("it sent OTLP to " + sentOtlpTo);
    if (!sentContextTo.isEmpty()) return Optional.of("it sent a traceparent of its own to " + sentContextTo);
    return Optional.empty();
  }
}
