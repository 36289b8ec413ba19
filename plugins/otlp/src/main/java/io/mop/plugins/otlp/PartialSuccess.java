package io.mop.plugins.otlp;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.mop.api.data.Signal;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An Export…ServiceResponse that says what of a request was not taken. Field numbers and names:
 * opentelemetry/proto/collector/{trace,metrics,logs}/v1.
 *
 * @param rejected spans, data points or log records, at least 1
 */
record PartialSuccess(Signal signal, long rejected, String why) {
  private static final int PARTIAL_SUCCESS = 1;
  private static final int REJECTED = 1;
  private static final int ERROR_MESSAGE = 2;

  byte[] protobuf() {
    ByteArrayOutputStream partial = new ByteArrayOutputStream();
    RpcStatus.number(partial, REJECTED, rejected);
    RpcStatus.bytes(partial, ERROR_MESSAGE, why.getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    RpcStatus.bytes(response, PARTIAL_SUCCESS, partial.toByteArray());
    return response.toByteArray();
  }

  /** 64-bit numbers are text in protobuf's JSON. */
  String json() {
    String name = switch (signal) {
      case TRACES -> "rejectedSpans";
      case METRICS -> "rejectedDataPoints";
      case LOGS -> "rejectedLogRecords";
    };
    return "{\"partialSuccess\":{\"" + name + "\":\"" + rejected + "\",\"errorMessage\":\""
        + new String(JsonStringEncoder.getInstance().quoteAsString(why)) + "\"}}";
  }
}
