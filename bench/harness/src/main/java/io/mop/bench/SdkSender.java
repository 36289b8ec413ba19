package io.mop.bench;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that is instrumented with the OpenTelemetry SDK, in a process of its own: {@code URL REQUESTS SPANS
 * RATE}. Sends requests of SPANS spans each over OTLP/gRPC, RATE a second, at least REQUESTS and on until its input
 * ends. The SDK's batch processor drops what does not fit its queue, so that the exporter is called here directly and a
 * failed export is repeated until it succeeds. Prints {@code acked SPANS SUM XOR REQUESTS FAILED} each second and at the
 * end, after {@code end}.
 */
final class SdkSender {
  private final SpanExporter exporter;
  private final List<SpanData> ended = new ArrayList<>();
  private volatile boolean stop;
  private long spans;
  private long sum;
  private long xor;
  private long requests;
  private long failed;

  private SdkSender(String url) {
    // Without the exporter's own retry: what fails is seen and counted here.
    exporter = OtlpGrpcSpanExporter.builder().setEndpoint(url).setTimeout(Duration.ofSeconds(30)).setRetryPolicy(null).build();
  }

  /** @param args base URL, requests, spans in each, requests a second */
  public static void main(String[] args) throws Exception {
    new SdkSender(args[0]).run(Long.parseLong(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
  }

  private void run(long least, int each, int rate) throws IOException {
    Thread input = new Thread(this::awaitEndOfInput, "bench-input");
    input.setDaemon(true);
    input.start();
    try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(new Collect()).build()) {
      Tracer tracer = provider.get("io.mop.bench");
      long pause = TimeUnit.SECONDS.toNanos(1) / rate;
      long due = System.nanoTime();
      long report = due;
      while (requests < least || !stop) {
        for (int i = 0; i < each; i++) span(tracer, i);
        send();
        due += pause;
        // What was refused for a while is not caught up in a burst.
        due = Math.max(due, System.nanoTime() - 20 * pause);
        if (System.nanoTime() - report > 0) {
          print();
          report += TimeUnit.SECONDS.toNanos(1);
        }
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) LockSupport.parkNanos(wait);
      }
    }
    System.out.println("end");
    print();
    exporter.shutdown().join(10, TimeUnit.SECONDS);
  }

  private void awaitEndOfInput() {
    try {
      while (System.in.read() >= 0) continue;
    } catch (IOException e) {
      // The same.
    }
    stop = true;
  }

  private static void span(Tracer tracer, int i) {
    Span span =
        tracer.spanBuilder("GET /orders/{id}").setSpanKind(SpanKind.SERVER)
            .setAttribute("http.request.method", "GET")
            .setAttribute("http.route", "/orders/{id}")
            .setAttribute("http.response.status_code", 200L)
            .setAttribute("order.number", (long) i)
            .startSpan();
    span.end();
  }

  private void send() {
    List<SpanData> batch = List.copyOf(ended);
    ended.clear();
    while (!exporter.export(batch).join(60, TimeUnit.SECONDS).isSuccess()) {
      failed++;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    requests++;
    for (SpanData span : batch) {
      long id = Long.parseUnsignedLong(span.getSpanId(), 16);
      spans++;
      sum += id;
      xor ^= id;
    }
  }

  private void print() {
    System.out.println("acked " + spans + " " + sum + " " + xor + " " + requests + " " + failed);
  }

  private final class Collect implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }
}
