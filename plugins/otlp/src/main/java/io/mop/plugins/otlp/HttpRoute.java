package io.mop.plugins.otlp;

import io.mop.api.data.Signal;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.Locale;
import java.util.Optional;

/**
 * What a request's head says: where it goes and how its body is written, or why it fails.
 *
 * @param length of the body, negative = not announced
 * @param failure null = none
 * @param failureIsFinal nothing sensible can follow on this connection
 */
record HttpRoute(Signal signal, boolean json, Optional<Encoding> encoding, long length, HttpAnswer failure,
    boolean failureIsFinal) {
  static HttpRoute of(HttpServer server, HttpRequest request) {
    if (request.decoderResult().isFailure()) return failed(false, broken(request.decoderResult().cause()), true);
    if (request.method().name().equals("PRI")) {
      return failed(false, HttpAnswer.unsupported(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
          "this is OTLP over HTTP/1.1; OTLP/gRPC has another port"), true);
    }
    String type = mediaType(request);
    boolean json = type.equals(HttpAnswer.JSON);
    String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    if (!server.door.lets(authorization)) return failed(json, HttpAnswer.of(Door.UNAUTHENTICATED), true);
    String path = path(request);
    Optional<Signal> signal = server.signal(path);
    if (signal.isEmpty()) return failed(json, HttpAnswer.of(new Answer(Answer.Outcome.UNSUPPORTED,
        "no OTLP path '" + path + "'; this server has " + server.paths())), false);
    if (!request.method().equals(HttpMethod.POST)) {
      return failed(json, HttpAnswer.unsupported(HttpResponseStatus.METHOD_NOT_ALLOWED,
          "method " + request.method() + ", expected POST"), false);
    }
    if (!server.gate.intake.carries(signal.get())) {
      return failed(json, HttpAnswer.of(server.gate.notCarried(signal.get())), false);
    }
    if (!json && !type.equals(HttpAnswer.PROTOBUF)) {
      return failed(false, HttpAnswer.unsupported(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
          "content type '" + type + "', expected " + HttpAnswer.PROTOBUF + " or " + HttpAnswer.JSON), false);
    }
    String coding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity").trim();
    Optional<Encoding> encoding = Encoding.of(coding);
    if (encoding.isEmpty() && !coding.isEmpty() && !coding.equalsIgnoreCase("identity")) {
      return failed(json, HttpAnswer.unsupported(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
          "content encoding '" + coding + "', expected one of " + Encoding.accepted() + ", identity"), false);
    }
    long length = HttpUtil.getContentLength(request, -1L);
    if (length > server.bodyLimit()) return failed(json, oversize(server), true);
    String expect = request.headers().get(HttpHeaderNames.EXPECT, "");
    if (!expect.isEmpty() && !HttpUtil.is100ContinueExpected(request)) {
      return failed(json, HttpAnswer.unsupported(HttpResponseStatus.EXPECTATION_FAILED,
          "expectation '" + expect + "', only 100-continue is known"), true);
    }
    return new HttpRoute(signal.get(), json, encoding, length, null, false);
  }

  static HttpAnswer oversize(HttpServer server) {
    return HttpAnswer.of(new Answer(Answer.Outcome.OVERSIZE,
        "the body is larger than max_request_body_size, " + server.bodyLimit() + " bytes"));
  }

  private static HttpRoute failed(boolean json, HttpAnswer failure, boolean last) {
    return new HttpRoute(Signal.TRACES, json, Optional.empty(), -1, failure, last);
  }

  private static HttpAnswer broken(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return HttpAnswer.malformed(HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return HttpAnswer.malformed(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are too long");
    }
    return HttpAnswer.malformed(HttpResponseStatus.BAD_REQUEST, "not HTTP/1.1");
  }

  /** Without parameters such as a charset, lower case. */
  private static String mediaType(HttpRequest request) {
    String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).trim().toLowerCase(Locale.ROOT);
  }

  private static String path(HttpRequest request) {
    int query = request.uri().indexOf('?');
    return query < 0 ? request.uri() : request.uri().substring(0, query);
  }
}
