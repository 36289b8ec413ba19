package io.mop.plugins.http;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;

/** Finds the messages of one HTTP/1 connection. */
final class HttpDecoder implements Decoder {
  private final HttpProtocol http;
  private final Exchanges out;
  private final RequestAttributes attributes = new RequestAttributes();
  private final Head request = new Head(Direction.REQUEST);
  private final Head response = new Head(Direction.RESPONSE);
  private final Body requestBody;
  private final Body responseBody;
  private final MethodQueue methods = new MethodQueue();
  /** A CONNECT without its answer: what the client sends next may not be HTTP. */
  private boolean connecting;
  /** The response whose body is passing; only read while {@link #responseBody} is open. */
  private Exchange answering;
  private boolean left;

  HttpDecoder(HttpProtocol http, Exchanges out) {
    this.http = http;
    this.out = out;
    requestBody = new Body(http.maxHead());
    responseBody = new Body(http.maxHead());
  }

  @Override
  public void decode(Direction direction, Stream in) throws Stream.Gap {
    if (direction == Direction.REQUEST) {
      while (!connecting && requestBody.read(in) && request(in)) {}
    } else {
      while (!left && response(in)) {}
    }
  }

  /** Takes one request head; false if it is not whole. */
  private boolean request(Stream in) throws Stream.Gap {
    while (in.length() > 0 && StartLine.isBreak(in.at(0))) {
      in.skip(1);
      request.reset();
    }
    if (in.length() == 0) return false;
    int end;
    try {
      end = read(request, in);
    } catch (Stream.Gap e) {
      out.request(Exchanges.NEXT, in.time(0));
      throw e;
    }
    if (end == Head.MORE) return false;
    Exchange x = out.request(Exchanges.NEXT, in.time(0));
    Method method = Method.of(in, request.start.methodFrom, request.start.methodTo);
    attributes.set(in, request, method, out.server(), x);
    if (!methods.add(method)) throw Stream.Gap.GAP;
    connecting = method == Method.CONNECT;
    if (request.chunked) requestBody.chunked();
    else if (request.transferEncoding) throw malformed();
    else requestBody.length(Math.max(0, request.contentLength));
    in.skip(end);
    request.reset();
    return true;
  }

  private boolean response(Stream in) throws Stream.Gap {
    if (responseBody.open()) {
      if (!responseBody.read(in)) return false;
      answering.complete(responseBody.time());
    }
    if (in.length() == 0) return false;
    int end = read(response, in);
    if (end == Head.MORE) return false;
    int status = response.start.status;
    long time = in.time(end - 1);
    if (status >= 200 || status == 101) answer(status, time);
    in.skip(end);
    response.reset();
    return true;
  }

  private void answer(int status, long time) {
    Method method = methods.poll();
    answering = out.response(Exchanges.NEXT).set("http.response.status_code", status);
    if (status >= 500 || status >= 400 && !out.server()) answering.error(Integer.toString(status));
    boolean tunnel = method == Method.CONNECT && status < 300;
    if (method == Method.CONNECT) connecting = false;
    if (tunnel || status == 101 || method == Method.HEAD || status == 204 || status == 304) responseBody.none();
    else if (response.chunked) responseBody.chunked();
    else if (response.transferEncoding || response.contentLength < 0) responseBody.untilClose();
    else responseBody.length(response.contentLength);
    if (!responseBody.open()) answering.complete(time);
    left = tunnel || status == 101;
    if (left) out.leave(tunnel ? "connect" : "upgrade");
  }

  private int read(Head head, Stream in) throws Stream.Gap {
    int end = head.read(in);
    if (end == Head.MALFORMED) throw malformed();
    if (end > http.maxHead() || end == Head.MORE && in.length() >= http.maxHead()) {
      http.oversized().add(1);
      throw Stream.Gap.GAP;
    }
    return end;
  }

  private Stream.Gap malformed() {
    http.malformed().add(1);
    return Stream.Gap.GAP;
  }

  /** Sure is only a start line at the start of what was read or written at once: a body may hold anything. */
  @Override
  public boolean resync(Direction direction, Stream in) {
    if (direction == Direction.REQUEST) {
      request.reset();
      requestBody.none();
      methods.clear();
      connecting = false;
    } else {
      response.reset();
      responseBody.none();
    }
    Guess guess = in.length() == 0 ? Guess.MAYBE : HttpProtocol.guess(in, direction);
    if (guess == Guess.NO) in.skip(in.length());
    return guess == Guess.YES;
  }

  @Override
  public void end(Direction direction, long time) {
    if (direction != Direction.RESPONSE || !responseBody.endsWithClose()) return;
    responseBody.none();
    answering.complete(time);
  }
}
