package io.mop.exporters.otlp;

import io.mop.api.data.Batch;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Verdict.Response;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;

/** OTLP over HTTP/1.1: one POST a batch, its bytes unchanged. */
final class HttpExporter implements Exporter {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.otlp");

  private record Target(String shown, HttpRequest.Builder template, Optional<Encoder> encoder) {}

  private final Context context;
  private final Report report;
  private final Duration timeout;
  private final Map<Signal, Target> targets = new EnumMap<>(Signal.class);
  private final Map<Compression, Optional<Encoder>> encoders = new EnumMap<>(Compression.class);
  private final ExecutorService executor;
  private final Set<Attempt> running = new HashSet<>();
  private HttpClient client; // null = closed

  /** @param tls empty = the JDK's trust store */
  HttpExporter(Config config, Context context, Optional<SSLContext> tls) {
    this.context = context;
    report = new Report(context);
    this.timeout = config.timeout();
    for (Signal signal : Signal.values()) {
      config.url(signal).ifPresent(url -> targets.put(signal, target(url, config)));
    }
    executor = Workers.start(context.id());
    HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor);
    tls.ifPresent(builder::sslContext);
    client = builder.build();
  }

  private Target target(URI url, Config config) {
    HttpRequest.Builder template = HttpRequest.newBuilder(url).setHeader("User-Agent", "mop");
    config.headers().forEach(
        (name, value) -> {
          try {
            template.setHeader(name, value.reveal());
          } catch (IllegalArgumentException e) {
            // The exception's message may show the value.
            throw new InvalidConfig(
                "headers." + name, "a header that may be set, its name and value as HTTP allows them");
          }
        });
    Optional<Encoder> encoder = encoders.computeIfAbsent(config.compressionFor(url.getHost()), Encoder::of);
    template.setHeader("Content-Type", "application/x-protobuf");
    encoder.ifPresent(e -> template.setHeader("Content-Encoding", e.token()));
    // Without the query, which may hold a token.
    String shown = url.getScheme() + "://" + url.getRawAuthority() + url.getRawPath();
    return new Target(shown, template, encoder);
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    Target target = targets.get(batch.signal());
    if (target == null) {
      outcome.rejected("no endpoint is configured for " + batch.signal().name().toLowerCase(Locale.ROOT));
      return;
    }
    Attempt attempt = new Attempt(target, batch, outcome);
    HttpClient now;
    synchronized (running) {
      now = client;
      if (now != null) running.add(attempt);
    }
    if (now == null) outcome.retry("the exporter is closed", Duration.ZERO);
    else attempt.start(now);
  }

  /** Requests on their way end as {@code retry}. */
  @Override
  public void close() {
    HttpClient old;
    Set<Attempt> left;
    synchronized (running) {
      old = client;
      client = null;
      left = Set.copyOf(running);
    }
    for (Attempt attempt : left) attempt.end(Verdict.retry("the exporter was closed"));
    closeClient(old);
    Workers.end(executor, context.id());
    encoders.values().forEach(encoder -> encoder.ifPresent(Encoder::close));
  }

  /**
   * From Java 21 on a client can be closed. Before, its selector thread ends by itself within 3 s once the client has
   * been collected: nothing here holds it any more.
   */
  private static void closeClient(HttpClient old) {
    if (!(old instanceof AutoCloseable)) return;
    try {
      HttpClient.class.getMethod("shutdownNow").invoke(old);
    } catch (ReflectiveOperationException e) {
      LOG.log(Level.WARNING, "cannot close the HTTP client", e);
    }
  }

  /** One request, from its start until its outcome is told: once, whatever comes first. */
  private final class Attempt {
    private final Target target;
    private final Batch batch;
    private final Outcome outcome;
    private final Body body;
    private CompletableFuture<HttpResponse<byte[]>> exchange;
    private boolean ended;

    Attempt(Target target, Batch batch, Outcome outcome) {
      this.target = target;
      this.batch = batch;
      this.outcome = outcome;
      this.body = new Body(batch.wire());
    }

    void start(HttpClient client) {
      if (target.encoder().isEmpty()) {
        send(client, target.template().copy().POST(body.publisher()).build());
        return;
      }
      try {
        executor.execute(() -> compressAndSend(target.encoder().get(), client));
      } catch (RejectedExecutionException e) {
        end(Verdict.retry("the exporter is closed"));
      }
    }

    // Under the lock: a close that ends this attempt waits until the batch has been read.
    private synchronized void compressAndSend(Encoder encoder, HttpClient client) {
      if (ended) return;
      try {
        byte[] compressed = encoder.encode(batch.wire());
        send(client, target.template().copy().POST(BodyPublishers.ofByteArray(compressed)).build());
      } catch (RuntimeException | Error e) {
        end(Verdict.retry(why(e)));
        throw e;
      }
    }

    private void send(HttpClient client, HttpRequest request) {
      CompletableFuture<HttpResponse<byte[]>> sent;
      synchronized (this) {
        if (ended) return;
        exchange = sent = client.sendAsync(request, info -> new Head());
      }
      // HttpRequest.timeout() ends with the answer's headers; this one holds for its body too.
      sent.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).whenComplete(this::answered);
    }

    private void answered(HttpResponse<byte[]> response, Throwable failure) {
      if (failure != null) {
        end(Verdict.retry(why(failure)));
        return;
      }
      Response r =
          new Response(
              response.statusCode(),
              response.headers().firstValue("Content-Type").orElse(""),
              response.headers().firstValue("Retry-After"),
              response.body());
      end(Verdict.of(r, batch.items(), Instant.ofEpochSecond(0, context.now())));
    }

    void end(Verdict verdict) {
      synchronized (this) {
        if (ended) return;
        ended = true;
        if (exchange != null) exchange.cancel(true);
      }
      body.release();
      synchronized (running) {
        running.remove(this);
      }
      report.verdict(target.shown(), verdict);
      verdict.at(target.shown()).tell(outcome);
    }

    private String why(Throwable failure) {
      Throwable t = failure;
      while (t instanceof CompletionException && t.getCause() != null) t = t.getCause();
      if (t instanceof TimeoutException) return "no answer within " + timeout.toMillis() + " ms";
      for (Throwable c = t; c != null; c = c.getCause()) {
        if (c instanceof UnresolvedAddressException) return "unknown host";
      }
      // The JDK's client gives no message when nobody listens.
      if (t instanceof ConnectException && t.getMessage() == null) return "connection refused";
      return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    }
  }
}
