package io.mop.exporters.otlp;

import io.mop.api.data.Batch;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Verdict.Response;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** OTLP over HTTP/1.1: one POST a batch, its bytes unchanged. */
final class HttpExporter implements Exporter {
  /**
   * Where a signal goes.
   *
   * @param shown without the query, which may hold a token
   * @param path as in the request line
   * @param headers but Content-Length and Authorization
   */
  private record Target(
      String shown, String path, HttpHeaders headers, Optional<Encoder> encoder, Trouble trouble,
      HttpConnections connections) {}

  private final Context context;
  private final Report report;
  private final Access access;
  private final Duration timeout;
  private final Map<Signal, Target> targets = new EnumMap<>(Signal.class);
  private final Map<Compression, Optional<Encoder>> encoders = new EnumMap<>(Compression.class);
  private final ExecutorService workers;
  private final Loops loops;
  private final Set<Attempt> running = new HashSet<>();
  private boolean closed;

  /** @param environment of the process, for HTTP_PROXY, HTTPS_PROXY and NO_PROXY */
  HttpExporter(Config config, Context context, Map<String, String> environment) {
    this.context = context;
    report = new Report(context);
    timeout = config.timeout();
    HttpHeaders headers = Headers.http(config.headers());
    access = new Access(config, config.usesTls(), context);
    Map<String, Origin> peers = new HashMap<>();
    Map<String, Optional<Proxy>> proxies = new HashMap<>();
    for (Signal signal : Signal.values()) {
      config.url(signal).map(Origin::of).ifPresent(peer -> {
        peers.put(peer.key(), peer);
        proxies.put(peer.key(), config.proxy(environment, peer.tls(), peer));
        encoders.computeIfAbsent(config.compressionFor(peer), Encoder::of);
      });
    }
    // From here on nothing throws: threads run.
    workers = Workers.start(context.id());
    loops = new Loops(context.id() + "-io");
    Map<String, HttpConnections> connections = new HashMap<>();
    peers.forEach((key, peer) -> connections.put(
        key, new HttpConnections(peer, access.engines(peer), proxies.get(key), loops, workers, timeout)));
    for (Signal signal : Signal.values()) {
      config.url(signal).ifPresent(url -> {
        Optional<Encoder> encoder = encoders.get(config.compressionFor(Origin.of(url)));
        targets.put(signal, target(url, headers, encoder, connections.get(Origin.of(url).key())));
      });
    }
  }

  private Target target(
      URI url, HttpHeaders configured, Optional<Encoder> encoder, HttpConnections connections) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String shown = url.getScheme() + "://" + url.getRawAuthority() + path;
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    HttpHeaders headers =
        new DefaultHttpHeaders()
            .set(HttpHeaderNames.HOST, url.getRawAuthority())
            .set(HttpHeaderNames.USER_AGENT, "mop")
            .setAll(configured)
            .set(HttpHeaderNames.CONTENT_TYPE, "application/x-protobuf");
    encoder.ifPresent(e -> headers.set(HttpHeaderNames.CONTENT_ENCODING, e.token()));
    connections.proxyAuthorization().ifPresent(a -> headers.set(HttpHeaderNames.PROXY_AUTHORIZATION, a.reveal()));
    Trouble trouble = new Trouble(Origin.of(url).hostPort(), access.trusted(), connections.proxy());
    return new Target(
        shown, (connections.wholeUrls() ? shown : path) + query, headers, encoder, trouble, connections);
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    Target target = targets.get(batch.signal());
    if (target == null) {
      outcome.rejected("no endpoint is configured for " + batch.signal().name().toLowerCase(Locale.ROOT));
      return;
    }
    Attempt attempt = new Attempt(target, batch, outcome);
    boolean open;
    synchronized (running) {
      open = !closed;
      if (open) running.add(attempt);
    }
    if (open) attempt.start();
    else outcome.retry("the exporter is closed", Duration.ZERO);
  }

  /** Requests on their way end as {@code retry}; connections and threads are gone afterwards. */
  @Override
  public void close() {
    Set<Attempt> left;
    synchronized (running) {
      if (closed) return;
      closed = true;
      left = Set.copyOf(running);
    }
    for (Attempt attempt : left) attempt.end(Verdict.retry("the exporter was closed"));
    Workers.end(workers, context.id());
    loops.close();
    encoders.values().forEach(encoder -> encoder.ifPresent(Encoder::close));
  }

  /** One request, from its start until its outcome is told: once, whatever comes first. */
  private final class Attempt implements HttpConnections.Exchange {
    private final Target target;
    private final Batch batch;
    private final Outcome outcome;
    private Body body;
    private Optional<Secret> authorization = Optional.empty();
    private ScheduledFuture<?> limit;
    private volatile boolean connected;
    private volatile boolean ended;

    Attempt(Target target, Batch batch, Outcome outcome) {
      this.target = target;
      this.batch = batch;
      this.outcome = outcome;
    }

    void start() {
      try {
        if (target.encoder().isEmpty()) send(new Body(batch.wire()));
        else workers.execute(() -> compressAndSend(target.encoder().get()));
      } catch (RejectedExecutionException e) {
        end(Verdict.retry("the exporter is closed"));
      }
    }

    // Under the lock: a close that ends this attempt waits until the batch has been read.
    private synchronized void compressAndSend(Encoder encoder) {
      if (ended) return;
      try {
        send(new Body(ByteBuffer.wrap(encoder.encode(batch.wire()))));
      } catch (RejectedExecutionException e) {
        end(Verdict.retry("the exporter is closed"));
      } catch (RuntimeException | Error e) {
        end(Verdict.retry(e.toString()));
        throw e;
      }
    }

    private synchronized void send(Body from) {
      if (ended) return;
      body = from;
      authorization = access.authorization();
      limit = loops.group.next().schedule(this::timedOut, timeout.toNanos(), TimeUnit.NANOSECONDS);
      target.connections().send(this);
    }

    @Override
    public HttpRequest head() {
      HttpHeaders headers = target.headers().copy().set(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length()));
      authorization.ifPresent(a -> headers.set(HttpHeaderNames.AUTHORIZATION, a.reveal()));
      return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, target.path(), headers);
    }

    @Override
    public Body body() {
      return body;
    }

    @Override
    public boolean isOver() {
      return ended;
    }

    @Override
    public void connected() {
      connected = true;
    }

    private void timedOut() {
      String what = connected ? "answer" : "connection";
      end(Verdict.retry("no " + what + " within " + timeout.toMillis() + " ms"));
    }

    @Override
    public void answered(Response response) {
      Verdict verdict = Verdict.of(response, batch.items(), Instant.ofEpochSecond(0, context.now()));
      end(switch (response.status()) {
        case 401, 403 -> access.refused(verdict);
        // An operator will renew the proxy's password: nothing is lost until then.
        case 407 -> Verdict.retry("the proxy does not take the user and password of its URL: " + verdict.why());
        default -> verdict;
      });
    }

    @Override
    public void failed(Throwable cause) {
      end(Verdict.retry(target.trouble().why(cause)));
    }

    void end(Verdict verdict) {
      Body sent;
      synchronized (this) {
        if (ended) return;
        ended = true;
        sent = body;
      }
      if (sent != null) {
        sent.release();
        limit.cancel(false);
        target.connections().abandon(this);
      }
      synchronized (running) {
        running.remove(this);
      }
      report.verdict(target.shown(), verdict);
      verdict.at(target.shown()).tell(outcome);
    }
  }
}
