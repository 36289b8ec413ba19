package io.mop.plugins.otlp;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/**
 * A response of OTLP/HTTP: an Export…ServiceResponse, empty unless items were rejected, or a {@code google.rpc.Status} in the request's content
 * type (protobuf if that is unknown).
 */
record HttpAnswer(HttpResponseStatus status, Answer answer) {
  static final String PROTOBUF = "application/x-protobuf";
  static final String JSON = "application/json";

  /** With the usual status of the answer's outcome. */
  static HttpAnswer of(Answer answer) {
    return new HttpAnswer(switch (answer.outcome()) {
      case ACCEPTED -> HttpResponseStatus.OK;
      case REFUSED -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case MALFORMED -> HttpResponseStatus.BAD_REQUEST;
      case OVERSIZE, INFLATE_LIMIT -> HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
      case UNSUPPORTED -> HttpResponseStatus.NOT_FOUND;
      case UNAUTHENTICATED -> HttpResponseStatus.UNAUTHORIZED;
      case ABORTED -> HttpResponseStatus.REQUEST_TIMEOUT;
    }, answer);
  }

  static HttpAnswer unsupported(HttpResponseStatus status, String message) {
    return new HttpAnswer(status, new Answer(Answer.Outcome.UNSUPPORTED, message));
  }

  static HttpAnswer malformed(HttpResponseStatus status, String message) {
    return new HttpAnswer(status, Answer.malformed(message));
  }

  FullHttpResponse response(Door door, boolean json, boolean close) {
    ByteBuf body = Unpooled.wrappedBuffer(json ? json() : protobuf());
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, json ? JSON : PROTOBUF)
        .setInt(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    if (answer.outcome() == Answer.Outcome.REFUSED) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, seconds());
    }
    if (status.equals(HttpResponseStatus.UNAUTHORIZED)) {
      response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, door.challenges());
    }
    if (status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) response.headers().set(HttpHeaderNames.ALLOW, "POST");
    if (status.equals(HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE)) {
      response.headers().set(HttpHeaderNames.ACCEPT_ENCODING, Encoding.accepted());
    }
    if (close) response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return response;
  }

  /** Retry-After has whole seconds: rounded up, at least 1. */
  private long seconds() {
    return Math.max(1, answer.retryAfter().plusMillis(999).toSeconds());
  }

  private byte[] protobuf() {
    if (answer.outcome() != Answer.Outcome.ACCEPTED) return RpcStatus.of(code(), answer.message());
    return answer.partial().map(PartialSuccess::protobuf).orElse(new byte[0]);
  }

  private byte[] json() {
    String text = answer.outcome() == Answer.Outcome.ACCEPTED ? answer.partial().map(PartialSuccess::json).orElse("{}")
        : "{\"code\":" + code() + ",\"message\":\""
        + new String(JsonStringEncoder.getInstance().quoteAsString(answer.message())) + "\"}";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** As in google/rpc/code.proto. */
  private int code() {
    return switch (answer.outcome()) {
      case ACCEPTED -> 0;
      case MALFORMED -> 3;
      case ABORTED -> 4;
      case OVERSIZE, INFLATE_LIMIT -> 8;
      case UNSUPPORTED -> 12;
      case REFUSED -> 14;
      case UNAUTHENTICATED -> 16;
    };
  }
}
