package io.mop.plugins.http;

import io.mop.api.capture.Classifier;
import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.List;
import java.util.Optional;

/** Recognises HTTP/1 by a whole start line (RFC 9112, sections 3 and 4). */
record HttpProtocol(int maxHead, Methods methods, Counter oversized, Counter malformed) implements Protocol {
  /** RFC 9112 asks for request lines of at least 8000 bytes. */
  private static final int MAX_START_LINE = 8192;

  /** OpenTelemetry's semantic conventions, HTTP metrics. */
  private static final List<Double> BOUNDS =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  /** Without {@code server.address}, which the conventions leave optional: whoever sends chooses the Host header. */
  private static final Measure SERVER =
      new Measure(
          "http.server.request.duration",
          List.of(
              "http.request.method",
              "http.route",
              "http.response.status_code",
              "url.scheme",
              "network.protocol.version",
              "error.type"),
          BOUNDS);

  private static final Measure CLIENT =
      new Measure(
          "http.client.request.duration",
          List.of(
              "http.request.method",
              "http.response.status_code",
              "url.scheme",
              "server.address",
              "server.port",
              "network.protocol.version",
              "error.type"),
          BOUNDS);

  @Override
  public Guess sniff(Stream in, Direction direction) {
    return guess(in, direction);
  }

  @Override
  public Decoder open(Exchanges out) {
    return new HttpDecoder(this, out);
  }

  /** Bodies are passed over by their length, and chunks by theirs. */
  @Override
  public Optional<Classifier> classifier() {
    return Optional.of(new Classifier("http.bpf.o"));
  }

  @Override
  public Optional<Measure> measure(boolean server) {
    return Optional.of(server ? SERVER : CLIENT);
  }

  @Override
  public Optional<Masker> masker() {
    return Optional.of(new HttpMasker(this));
  }

  /** Whether {@code in} starts with a message; empty lines before a request are allowed. */
  static Guess guess(Stream in, Direction direction) {
    try {
      int from = 0;
      if (direction == Direction.REQUEST) while (from < in.length() && StartLine.isBreak(in.at(from))) from++;
      int lf = in.find((byte) '\n', from, from + MAX_START_LINE);
      StartLine line = new StartLine();
      if (lf >= 0) {
        int to = lf > from && in.at(lf - 1) == '\r' ? lf - 1 : lf;
        return line.parse(in, direction, from, to) ? Guess.YES : Guess.NO;
      }
      boolean more = in.length() - from < MAX_START_LINE && StartLine.mayBecome(in, direction, from);
      return more ? Guess.MAYBE : Guess.NO;
    } catch (Stream.Gap e) {
      return Guess.NO;
    }
  }
}
