package io.mop.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";

  private final List<SpanData> spans = Collections.synchronizedList(new ArrayList<>());
  private OpenTelemetrySdk sdk;
  private Service service;

  @BeforeEach
  void start() throws Exception {
    SpanExporter exporter =
        new SpanExporter() {
          @Override
          public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
          }
        };
    sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();
    service = new Service(sdk);
  }

  @AfterEach
  void stop() {
    service.stop();
    sdk.close();
  }

  private int get(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + service.port() + path))
            .header("traceparent", "00-" + TRACE + "-" + PARENT + "-01")
            .build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
  }

  @ParameterizedTest(name = "{0} is {1}, span \"{2}\"")
  @CsvSource({
    "/api/orders,200,GET /api/orders",
    "/api/orders/2,200,GET /api/orders/{id}",
    "/api/orders/99,404,GET /api/orders/{id}",
    "/api/payment,200,GET /api/payment",
    "/api/report,200,GET /api/report",
    "/other,404,GET",
  })
  void everyRouteHasItsAnswerAndSpan(String path, int status, String name) throws Exception {
    assertThat(get(path)).isEqualTo(status);
    service.stop();
    assertThat(service.served()).isEqualTo(1);
    assertThat(spans).singleElement().satisfies(span -> {
      assertThat(span.getName()).isEqualTo(name);
      assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
      assertThat(span.getTraceId()).isEqualTo(TRACE);
      assertThat(span.getParentSpanId()).isEqualTo(PARENT);
      assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
      assertThat(span.getAttributes().get(AttributeKey.stringKey("url.path"))).isEqualTo(path);
      assertThat(span.getAttributes().get(AttributeKey.longKey("http.response.status_code"))).isEqualTo(status);
    });
  }

  @Test
  void everyFourthPaymentIsAnError() throws Exception {
    assertThat(List.of(get("/api/payment"), get("/api/payment"), get("/api/payment"), get("/api/payment")))
        .containsExactly(200, 200, 200, 503);
    service.stop();
    assertThat(spans).hasSize(4);
    assertThat(spans.get(3).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(spans.get(3).getAttributes().get(AttributeKey.stringKey("error.type"))).isEqualTo("503");
  }
}
