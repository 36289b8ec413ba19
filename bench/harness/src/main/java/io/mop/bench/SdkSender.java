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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Applications that are instrumented with the OpenTelemetry SDK, in a process of their own:
 * {@code URL REQUESTS SPANS RATE}. {@link #APPLICATIONS} tracer providers with an exporter and a connection each send
 * requests of SPANS spans over OTLP/gRPC, RATE a second together, at least REQUESTS and on until their input ends. The
 * SDK's batch processor drops what does not fit its queue, so that the exporter is called here directly and a failed
 * export is repeated until it succeeds. Prints {@code acked SPANS SUM XOR REQUESTS FAILED} at the end.
 */
final class SdkSender {
  private static final int APPLICATIONS = 8;
  private static final Logger SDK_LOG = Logger.getLogger("io.opentelemetry");
  private static final AtomicLong TO_SEND = new AtomicLong();
  private static volatile boolean stop;

  private final SpanExporter exporter;
  private final List<SpanData> ended = new ArrayList<>();
  private long spans;
  private long sum;
  private long xor;
  private long requests;
  private long failed;

  private SdkSender(String url) {
    // Without the exporter's own retry: what fails is seen and counted here.
    exporter =
        OtlpGrpcSpanExporter.builder()
            .setEndpoint(url)
            .setTimeout(Duration.ofSeconds(30))
            .setRetryPolicy(null)
            .build();
  }

  /** @param args base URL, requests, spans in each, requests a second */
  public static void main(String[] args) throws Exception {
    SDK_LOG.setLevel(Level.OFF); // What fails is counted.
    TO_SEND.set(Long.parseLong(args[1]));
    Thread input = new Thread(SdkSender::awaitEndOfInput, "bench-input");
    input.setDaemon(true);
    input.start();
    List<SdkSender> senders = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < APPLICATIONS; i++) {
      SdkSender sender = new SdkSender(args[0]);
      senders.add(sender);
      long pause = TimeUnit.SECONDS.toNanos(APPLICATIONS) / Integer.parseInt(args[3]);
      Thread thread = new Thread(() -> sender.run(Integer.parseInt(args[2]), pause), "bench-application-" + i);
      threads.add(thread);
      thread.start();
    }
    for (Thread t : threads) t.join();
    long[] all = new long[5];
    for (SdkSender s : senders) {
      all[0] += s.spans;
      all[1] += s.sum;
      all[2] ^= s.xor;
      all[3] += s.requests;
      all[4] += s.failed;
    }
    System.out.println("acked " + all[0] + " " + all[1] + " " + all[2] + " " + all[3] + " " + all[4]);
    System.exit(0); // The exporters' threads do not end soon.
  }

  private void run(int each, long pause) {
    try (SdkTracerProvider provider = SdkTracerProvider.builder().addSpanProcessor(new Collect()).build()) {
      Tracer tracer = provider.get("io.mop.bench");
      long due = System.nanoTime();
      while (TO_SEND.getAndDecrement() > 0 || !stop) {
        for (int i = 0; i < each; i++) span(tracer, i);
        send();
        // What was refused for a while is not caught up in a burst.
        due = Math.max(due + pause, System.nanoTime() - 4 * pause);
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) LockSupport.parkNanos(wait);
      }
    }
  }

  private static void awaitEndOfInput() {
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
