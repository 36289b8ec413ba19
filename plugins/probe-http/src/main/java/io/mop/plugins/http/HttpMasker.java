package io.mop.plugins.http;

import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import io.mop.plugins.http.HeadValues.Target;

/** Of a connection's messages leaves what spans tell and what frames them: no value of a header, query or body. */
final class HttpMasker implements Masker {
  private final HttpProtocol http;
  private final Head request = new Head(Direction.REQUEST);
  private final Head response = new Head(Direction.RESPONSE);
  private final MaskedBody requestBody;
  private final MaskedBody responseBody;
  private final MethodQueue methods = new MethodQueue();
  /** A CONNECT or Upgrade without its answer: what the client sends next may not be HTTP. */
  private boolean leaving;
  private boolean left;

  HttpMasker(HttpProtocol http) {
    this.http = http;
    requestBody = new MaskedBody(http.maxHead());
    responseBody = new MaskedBody(http.maxHead());
  }

  @Override
  public void mask(Direction direction, Stream in, Values out) throws Stream.Gap {
    if (left) throw Stream.Gap.GAP;
    if (direction == Direction.REQUEST) {
      while (!leaving && requestBody.read(in, out) && request(in, out)) {}
    } else {
      while (responseBody.read(in, out) && !methods.isEmpty() && response(in, out)) {
        if (left && in.length() > 0) throw Stream.Gap.GAP;
      }
    }
  }

  private boolean request(Stream in, Values out) throws Stream.Gap {
    while (in.length() > 0 && StartLine.isBreak(in.at(0))) {
      in.skip(1);
      request.reset();
    }
    int end = request.read(in);
    if (!whole(end, in)) return false;
    int which = http.methods().find(in, request.start.methodFrom, request.start.methodTo);
    Target.mask(in, request.start.methodTo + 1, request.start.targetTo, out);
    HeadValues.mask(in, end, out);
    if (!methods.add(which)) throw Stream.Gap.GAP;
    leaving = http.methods().get(which).connect() || request.upgrade;
    if (request.chunked) requestBody.chunked();
    else if (request.transferEncoding) throw Stream.Gap.GAP;
    else requestBody.length(Math.max(0, request.contentLength));
    in.skip(end);
    request.reset();
    return true;
  }

  private boolean response(Stream in, Values out) throws Stream.Gap {
    int end = response.read(in);
    if (!whole(end, in)) return false;
    int status = response.start.status;
    HeadValues.reason(in, out);
    HeadValues.mask(in, end, out);
    if (status >= 200 || status == 101) answer(status);
    in.skip(end);
    response.reset();
    return true;
  }

  private void answer(int status) {
    Method method = http.methods().get(methods.poll());
    left = status == 101 || method.connect() && status < 300;
    if (methods.isEmpty()) leaving = false;
    if (left || method.head() || status == 204 || status == 304) responseBody.none();
    else if (response.chunked) responseBody.chunked();
    else if (response.transferEncoding || response.contentLength < 0) responseBody.untilClose();
    else responseBody.length(response.contentLength);
  }

  private boolean whole(int end, Stream in) throws Stream.Gap {
    boolean tooLong = end > http.maxHead() || end == Head.MORE && in.length() >= http.maxHead();
    if (end == Head.MALFORMED || tooLong) throw Stream.Gap.GAP;
    return end != Head.MORE;
  }

  /** A body of which nothing is left but the lengths of its chunks and the names of its trailers. */
  private static final class MaskedBody extends Body {
    private Values out = (from, to, with) -> {};

    MaskedBody(int maxTrailers) {
      super(maxTrailers);
    }

    boolean read(Stream in, Values out) throws Stream.Gap {
      this.out = out;
      return read(in);
    }

    @Override
    void content(int n) {
      out.mask(0, n, HeadValues.MASK);
    }

    @Override
    void field(Stream in, int from, int lf) throws Stream.Gap {
      HeadValues.field(in, from, lf > from && in.at(lf - 1) == '\r' ? lf - 1 : lf, out);
    }
  }
}
