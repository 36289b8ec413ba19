package io.mop.demo;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The service's process. Standard output has two lines: {@code port N} when it listens, and {@code served N} after
 * SIGTERM, when all its spans were handed over.
 */
public final class Orders {
  private static final Duration BETWEEN_EXPORTS = Duration.ofMillis(500);
  private static final int LONGEST_QUEUE = 16_384;

  private Orders() {}

  /** @param args where OTLP/HTTP takes traces, e.g. {@code http://127.0.0.1:4318/v1/traces} */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      System.err.println("orders: expected one argument, the URL for traces such as http://127.0.0.1:4318/v1/traces.");
      System.exit(2);
    }
    OpenTelemetrySdk sdk = sdk(args[0]);
    Service service = new Service(sdk);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service, sdk), "orders-stop"));
    System.out.println("port " + service.port());
  }

  private static void stop(Service service, OpenTelemetrySdk sdk) {
    service.stop();
    // Flushes.
    if (!sdk.shutdown().join(10, TimeUnit.SECONDS).isSuccess()) {
      System.err.println("orders: not every span could be handed over.");
    }
    System.out.println("served " + service.served());
  }

  private static OpenTelemetrySdk sdk(String url) {
    BatchSpanProcessor spans =
        BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder().setEndpoint(url).build())
            .setScheduleDelay(BETWEEN_EXPORTS)
            .setMaxQueueSize(LONGEST_QUEUE)
            .build();
    Resource resource =
        Resource.getDefault().merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "orders")));
    return OpenTelemetrySdk.builder()
        .setTracerProvider(SdkTracerProvider.builder().setResource(resource).addSpanProcessor(spans).build())
        .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
        .build();
  }
}
