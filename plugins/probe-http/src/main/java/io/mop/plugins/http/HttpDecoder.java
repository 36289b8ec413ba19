package io.mop.plugins.http;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/** Finds the messages of one HTTP/1 connection. */
final class HttpDecoder implements Decoder {
  private static final Text NONE = Text.of("");
  private static final int NOT_FOUND = 404;

  private final HttpProtocol http;
  private final Exchanges out;
  private final RequestAttributes attributes = new RequestAttributes();
  private final Routes routes;
  private final Head request = new Head(Direction.REQUEST);
  private final Head response = new Head(Direction.RESPONSE);
  private final Body requestBody;
  private final Body responseBody;
  private final MethodQueue methods = new MethodQueue();
  /** The path of the only request without a response: its route is set with it. Empty if there is none. */
  private Text path = NONE;
  /** A CONNECT without its answer: what the client sends next may not be HTTP. */
  private boolean connecting;
  /** An Upgrade without its answer: what the client sends next may not be HTTP any more. */
  private boolean upgrading;
  /** The request whose chunks are passing; only read while {@link #requestBody} is open. */
  private Exchange asking;
  /** The response whose body is passing; only read while {@link #responseBody} is open. */
  private Exchange answering;
  /** The request of the response whose body is passing was not seen: there may be no body, if it was HEAD. */
  private boolean guessed;
  private boolean left;

  HttpDecoder(HttpProtocol http, Exchanges out) {
    this.http = http;
    this.out = out;
    routes = new Routes(out);
    requestBody = new Body(http.maxHead());
    responseBody = new Body(http.maxHead());
  }

  @Override
  public void decode(Direction direction, Stream in) throws Stream.Gap {
    if (direction == Direction.REQUEST) {
      while (!connecting && requestBody(in) && request(in)) {}
    } else {
      while (!left && responseBody(in) && response(in)) {}
    }
  }

  private boolean requestBody(Stream in) throws Stream.Gap {
    if (!requestBody.open()) return true;
    if (!requestBody.read(in)) return false;
    asking.set("http.request.body.size", requestBody.size());
    return true;
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
      end = request.read(in);
      if (end < 0 && upgrading) {
        if (end == Head.MALFORMED) request.reset();
        return false;
      }
      check(end, in);
    } catch (Stream.Gap e) {
      out.request(Exchanges.NEXT, in.time(0));
      throw e;
    }
    if (end == Head.MORE) return false;
    Exchange x = out.request(Exchanges.NEXT, in.time(0));
    int which = http.methods().find(in, request.start.methodFrom, request.start.methodTo);
    Method method = http.methods().get(which);
    Text target = attributes.set(in, request, method, out, x);
    if (out.server()) {
      if (methods.isEmpty()) path = target;
      else routes.set(x, method, target);
    }
    if (!methods.add(which)) throw Stream.Gap.GAP;
    connecting = method.connect();
    upgrading |= request.upgrade;
    body(x);
    in.skip(end);
    request.reset();
    return true;
  }

  private void body(Exchange x) throws Stream.Gap {
    asking = x;
    if (request.chunked) requestBody.chunked();
    else if (request.transferEncoding) throw malformed();
    else requestBody.length(Math.max(0, request.contentLength));
    if (!request.chunked && request.contentLength >= 0) x.set("http.request.body.size", request.contentLength);
  }

  private boolean responseBody(Stream in) throws Stream.Gap {
    if (!responseBody.open()) return true;
    if (guessed && !methods.isEmpty() && HttpProtocol.guess(in, Direction.RESPONSE) == Guess.YES) {
      responseBody.none();
      return true;
    }
    if (!responseBody.read(in)) return false;
    answered(responseBody.time());
    return true;
  }

  private boolean response(Stream in) throws Stream.Gap {
    if (in.length() == 0) return false;
    int end = response.read(in);
    check(end, in);
    if (end == Head.MORE) return false;
    int status = response.start.status;
    long time = in.time(end - 1);
    if (status >= 200 || status == 101) answer(status, time);
    in.skip(end);
    response.reset();
    return true;
  }

  private void answer(int status, long time) {
    guessed = methods.isEmpty();
    Method method = http.methods().get(methods.poll());
    answering = out.response(Exchanges.NEXT).set("http.response.status_code", status);
    if (status >= 500 || status >= 400 && !out.server()) answering.error(Integer.toString(status));
    if (status != NOT_FOUND) routes.set(answering, method, path);
    path = NONE;
    if (methods.isEmpty()) upgrading = false;
    if (method.connect()) connecting = false;
    boolean tunnel = method.connect() && status < 300;
    boolean none = tunnel || status == 101 || method.head() || status == 204 || status == 304;
    if (none) responseBody.none();
    else if (response.chunked) responseBody.chunked();
    else if (response.transferEncoding || response.contentLength < 0) responseBody.untilClose();
    else responseBody.length(response.contentLength);
    if (none) answering.complete(time);
    else if (!responseBody.open()) answered(time);
    left = tunnel || status == 101;
    if (left) out.leave(tunnel ? "connect" : "upgrade");
  }

  private void answered(long time) {
    answering.set("http.response.body.size", responseBody.size()).complete(time);
  }

  private void check(int end, Stream in) throws Stream.Gap {
    if (end == Head.MALFORMED) throw malformed();
    if (end > http.maxHead() || end == Head.MORE && in.length() >= http.maxHead()) {
      http.oversized().add(1);
      throw Stream.Gap.GAP;
    }
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
      path = NONE;
      connecting = false;
      upgrading = false;
    } else {
      response.reset();
      responseBody.none();
    }
    Guess guess = in.length() == 0 ? Guess.MAYBE : HttpProtocol.guess(in, direction);
    if (guess == Guess.NO) in.skip(in.length());
    return guess == Guess.YES;
  }

  /** The size of a body that lasts until close is not told: it may have been longer. */
  @Override
  public void end(Direction direction, long time) {
    if (direction != Direction.RESPONSE || !responseBody.endsWithClose()) return;
    responseBody.none();
    answering.complete(time);
  }
}
