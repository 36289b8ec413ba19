package io.mop.plugins.otlp;

import java.time.Duration;
import java.util.Optional;

/**
 * How a request ends, told to the peer and counted.
 *
 * @param retryAfter used if the outcome is {@link Outcome#REFUSED}: it is always told, else clients do not retry
 * @param partial what of an accepted request was not taken
 */
record Answer(Outcome outcome, String message, Duration retryAfter, Optional<PartialSuccess> partial) {
  static final Answer ACCEPTED = new Answer(Outcome.ACCEPTED, "");
  private static final Duration LEAST_WAIT = Duration.ofMillis(100);

  Answer(Outcome outcome, String message) {
    this(outcome, message, Duration.ZERO, Optional.empty());
  }

  /** Accepted but for some of its items. */
  static Answer partly(PartialSuccess partial) {
    return new Answer(Outcome.ACCEPTED, "", Duration.ZERO, Optional.of(partial));
  }

  /** No room now; peers that got no hint when to come back get a short one. */
  static Answer refused(String why, Duration retryAfter) {
    Duration wait = retryAfter.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : retryAfter;
    return new Answer(Outcome.REFUSED, why, wait, Optional.empty());
  }

  static Answer malformed(String message) {
    return new Answer(Outcome.MALFORMED, message);
  }

  /** The ends a request can have; each has its counter, and every request has exactly one. */
  enum Outcome {
    ACCEPTED("requests_accepted", "Requests acknowledged as the pipeline's durability says"),
    REFUSED("requests_refused", "Requests turned away for want of room, to be sent again"),
    MALFORMED("requests_malformed", "Requests that are not OTLP"),
    OVERSIZE("requests_oversize", "Requests with more bytes on the wire than allowed"),
    INFLATE_LIMIT("requests_inflate_limit", "Requests that would become larger than max_inflated_size"),
    UNSUPPORTED("requests_unsupported", "Requests for a signal, path, method, type or encoding that is not served"),
    UNAUTHENTICATED("requests_unauthenticated", "Requests without valid credentials, answered before their body is read"),
    ABORTED("requests_aborted", "Requests that their sender did not finish");

    final String counter;
    final String description;

    Outcome(String counter, String description) {
      this.counter = counter;
      this.description = description;
    }
  }
}
