package io.mop.exporters.otlp;

import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

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
   * @param local says in words why this side could not make the call
   */
  static Verdict of(
      Status status, Metadata trailers, byte[] message, int items, Function<Throwable, String> local) {
    String why = status.getCause() == null ? why(status) : local.apply(status.getCause());
    return switch (status.getCode()) {
      case OK -> Verdict.accepted(message, items);
      case CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS ->
          Verdict.retry(why, retryDelay(trailers).orElse(Duration.ZERO));
      case RESOURCE_EXHAUSTED ->
          retryDelay(trailers).map(delay -> Verdict.retry(why, delay)).orElseGet(() -> Verdict.rejected(why));
      // With a cause it is no answer of the peer but what this side has met, e.g. a server of another protocol.
      default -> status.getCause() == null ? Verdict.rejected(why) : Verdict.retry(why, Duration.ZERO);
    };
  }

  /** The code and what the peer says with it. */
  private static String why(Status status) {
    String said = status.getDescription() == null ? "" : ": " + status.getDescription();
    return Verdict.printable(status.getCode().name() + said);
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
