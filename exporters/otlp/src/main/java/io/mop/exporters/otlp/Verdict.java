package io.mop.exporters.otlp;

import io.mop.api.pipeline.Exporter.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * What an answer means. For HTTP by "OTLP/HTTP Response" of the OTLP specification: 2xx with the partial success of its
 * body; 429, 502, 503 and 504 are worth another try, not before Retry-After; every other status is final. For gRPC see
 * {@link GrpcAnswer}.
 */
record Verdict(Kind kind, int rejected, String why, Duration after) {
  enum Kind {
    DELIVERED,
    PARTLY,
    RETRY,
    REJECTED
  }

  /** A peer that asks for more is taken at this: data that waits longer is data lost. */
  static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private static final int LONGEST_MESSAGE = 300;

  static Verdict retry(String why) {
    return retry(why, Duration.ZERO);
  }

  /** @param after what the peer asks for; held to 0 … {@link #LONGEST_WAIT} */
  static Verdict retry(String why, Duration after) {
    return new Verdict(Kind.RETRY, 0, why, bounded(after));
  }

  static Verdict rejected(String why) {
    return new Verdict(Kind.REJECTED, 0, why, Duration.ZERO);
  }

  /** @param items of the batch */
  static Verdict of(Response response, int items, Instant now) {
    int status = response.status();
    if (status >= 200 && status < 300) {
      return accepted(response.isProtobuf() ? response.body() : new byte[0], items);
    }
    String said = message(response);
    String why = "status " + status + (said.isEmpty() ? "" : ": " + said);
    return switch (status) {
      case 429, 502, 503, 504 ->
          retry(why, response.retryAfter().map(s -> retryAfter(s, now)).orElse(Duration.ZERO));
      default -> rejected(why);
    };
  }

  /** The same, saying where. */
  Verdict at(String url) {
    return new Verdict(kind, rejected, url + ": " + why, after);
  }

  void tell(Outcome outcome) {
    switch (kind) {
      case DELIVERED -> outcome.delivered();
      case PARTLY -> outcome.partly(rejected, why);
      case RETRY -> outcome.retry(why, after);
      case REJECTED -> outcome.rejected(why);
    }
  }

  /**
   * The peer took the batch, but for a partial success.
   *
   * @param body an {@code Export*ServiceResponse}; empty = nothing more is said
   */
  static Verdict accepted(byte[] body, int items) {
    // The status says that the items were taken; a body that cannot be read takes nothing back.
    Reply reply;
    try {
      reply = Reply.response(body);
    } catch (Reply.Malformed e) {
      return new Verdict(Kind.DELIVERED, 0, "unreadable answer: " + e.getMessage(), Duration.ZERO);
    }
    String said = printable(reply.message());
    if (reply.rejected() <= 0) return new Verdict(Kind.DELIVERED, 0, said, Duration.ZERO);
    String why = said.isEmpty() ? "partial success without a message" : "partial success: " + said;
    return new Verdict(Kind.PARTLY, (int) Math.min(items, reply.rejected()), why, Duration.ZERO);
  }

  private static String message(Response response) {
    if (!response.isProtobuf()) return printable(new String(response.body(), StandardCharsets.UTF_8));
    try {
      return printable(Reply.status(response.body()).message());
    } catch (Reply.Malformed e) {
      return "";
    }
  }

  /** One line without control characters: the peer's words end in logs and on terminals. */
  static String printable(String s) {
    String line = s.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
    return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
  }

  /** Retry-After, RFC 9110 §10.2.3: seconds or a date; zero if it is neither. */
  static Duration retryAfter(String value, Instant now) {
    String s = value.strip();
    Duration wait = Duration.ZERO;
    if (s.matches("\\d{1,10}")) {
      wait = Duration.ofSeconds(Long.parseLong(s));
    } else {
      try {
        wait = Duration.between(now, ZonedDateTime.parse(s, DateTimeFormatter.RFC_1123_DATE_TIME));
      } catch (DateTimeException e) {
        return Duration.ZERO;
      }
    }
    return bounded(wait);
  }

  private static Duration bounded(Duration wait) {
    if (wait.isNegative()) return Duration.ZERO;
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  /** The parts of an HTTP response that count. */
  record Response(int status, String contentType, Optional<String> retryAfter, byte[] body) {
    boolean isProtobuf() {
      String type = contentType.split(";", 2)[0].strip();
      return type.equalsIgnoreCase("application/x-protobuf") || type.equalsIgnoreCase("application/protobuf");
    }
  }
}
