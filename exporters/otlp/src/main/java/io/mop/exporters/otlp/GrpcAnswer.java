package io.mop.exporters.otlp;

import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/**
 * What the end of a call means, by "OTLP/gRPC Response" of the OTLP specification: OK with the partial success of its
 * message; six codes are worth another try, not before the delay of a RetryInfo; RESOURCE_EXHAUSTED only with a
 * RetryInfo; every other code is final.
 */
final class GrpcAnswer {
  /** A {@code google.rpc.Status}, the same as {@code grpc-status} and {@code grpc-message}, with details. */
  static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private GrpcAnswer() {}

  /**
   * @param message the response, empty = none came
   * @param items of the batch
   */
  static Verdict of(Status status, Metadata trailers, byte[] message, int items) {
    String why = why(status);
    return switch (status.getCode()) {
      case OK -> Verdict.accepted(message, items);
      case CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS ->
          Verdict.retry(why, retryDelay(trailers).orElse(Duration.ZERO));
      case RESOURCE_EXHAUSTED ->
          retryDelay(trailers).map(delay -> Verdict.retry(why, delay)).orElseGet(() -> Verdict.rejected(why));
      default -> Verdict.rejected(why);
    };
  }

  /** The code and what is said with it; for a failure on this side also its cause. */
  static String why(Status status) {
    StringBuilder why = new StringBuilder(status.getCode().name());
    if (status.getDescription() != null) why.append(": ").append(status.getDescription());
    Throwable cause = status.getCause();
    while (cause != null && cause.getCause() != null) cause = cause.getCause();
    if (cause != null) why.append(": ").append(cause.getMessage() == null ? cause : cause.getMessage());
    return Verdict.printable(why.toString());
  }

  private static Optional<Duration> retryDelay(Metadata trailers) {
    byte[] details = trailers.get(DETAILS);
    if (details == null) return Optional.empty();
    try {
      return Reply.retryDelay(details);
    } catch (Reply.Malformed e) {
      return Optional.empty();
    }
  }
}
