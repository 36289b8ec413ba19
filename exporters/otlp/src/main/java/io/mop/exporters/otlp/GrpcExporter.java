package io.mop.exporters.otlp;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.mop.api.data.Batch;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.exporters.otlp.Otlp.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** OTLP over gRPC: one unary call a batch on one connection, the batch's bytes unchanged. */
final class GrpcExporter implements Exporter {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.otlp");
  private static final int CLOSE_SECONDS = 5;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  /** grpc-java's words for a connection that the peer closed. */
  private static final String CLOSED = "Network closed for unknown reason";
  private static final byte[] NOTHING = {};
  private static final Map<Signal, MethodDescriptor<Body, byte[]>> METHODS = new EnumMap<>(Signal.class);

  static {
    METHODS.put(Signal.TRACES, method("trace", "TraceService"));
    METHODS.put(Signal.METRICS, method("metrics", "MetricsService"));
    METHODS.put(Signal.LOGS, method("logs", "LogsService"));
  }

  private final Context context;
  private final Report report;
  private final Duration timeout;
  private final String peer;
  private final Access access;
  private final Trouble trouble;
  private final Metadata headers;
  private final Optional<Encoder> encoder;
  private final CallOptions options;
  private final ExecutorService workers;
  private final Loops loops;
  private final ManagedChannel channel;
  private final Set<Attempt> running = new HashSet<>();
  private boolean closed;

  /** @param environment of the process, for HTTPS_PROXY and NO_PROXY */
  GrpcExporter(Config config, Context context, Map<String, String> environment) {
    this.context = context;
    report = new Report(context);
    timeout = config.timeout();
    Origin to = config.grpcPeer();
    peer = to.hostPort();
    access = new Access(config, to.tls(), context);
    // The collector asks for HTTPS_PROXY whatever the connection is.
    Optional<Proxy> proxy = config.proxy(environment, true, to);
    trouble = new Trouble(peer, access.trusted(), proxy);
    headers = Headers.grpc(config.headers());
    encoder = Encoder.of(config.compressionFor(to));
    options = encoder.map(e -> CallOptions.DEFAULT.withCompression(e.token())).orElse(CallOptions.DEFAULT);
    workers = Workers.start(context.id());
    loops = new Loops(context.id() + "-io");
    channel = GrpcChannel.open(config, encoder, access, proxy, loops, workers);
  }

  private static MethodDescriptor<Body, byte[]> method(String area, String service) {
    String name = "opentelemetry.proto.collector." + area + ".v1." + service;
    return MethodDescriptor.<Body, byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(name, "Export"))
        .setRequestMarshaller(new RequestMarshaller())
        .setResponseMarshaller(new ResponseMarshaller())
        .build();
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    Attempt attempt = new Attempt(batch, outcome);
    boolean open;
    synchronized (running) {
      open = !closed;
      if (open) running.add(attempt);
    }
    if (open) attempt.start();
    else outcome.retry("the exporter is closed", Duration.ZERO);
  }

  /** Of the connection. */
  ConnectivityState state() {
    return channel.getState(false);
  }

  /** Calls under way end as {@code retry}; the connection and all threads are gone afterwards. */
  @Override
  public void close() {
    Set<Attempt> left;
    synchronized (running) {
      if (closed) return;
      closed = true;
      left = Set.copyOf(running);
    }
    for (Attempt attempt : left) attempt.end(Verdict.retry("the exporter was closed"));
    channel.shutdownNow();
    try {
      if (!channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Level.WARNING, context.id() + ": the connection did not end within " + CLOSE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Workers.end(workers, context.id());
    loops.close();
    encoder.ifPresent(Encoder::close);
  }

  /** One call, from its start until its outcome is told: once, whatever comes first. */
  private final class Attempt extends ClientCall.Listener<byte[]> {
    private final Batch batch;
    private final Outcome outcome;
    private final Body wire;
    private ClientCall<Body, byte[]> call;
    private long started;
    private byte[] response = NOTHING;
    private boolean ended;

    Attempt(Batch batch, Outcome outcome) {
      this.batch = batch;
      this.outcome = outcome;
      wire = new Body(batch.wire());
    }

    void start() {
      if (encoder.isEmpty()) {
        send(wire);
        return;
      }
      try {
        workers.execute(() -> compressAndSend(encoder.get()));
      } catch (RejectedExecutionException e) {
        end(Verdict.retry("the exporter is closed"));
      }
    }

    private void compressAndSend(Encoder with) {
      byte[] compressed;
      // Under the lock: a close that ends this attempt waits until the batch has been read.
      synchronized (this) {
        if (ended) return;
        try {
          compressed = with.encode(batch.wire());
        } catch (RuntimeException | Error e) {
          end(Verdict.retry(e.toString()));
          throw e;
        }
      }
      send(new Body(ByteBuffer.wrap(compressed)));
    }

    private void send(Body message) {
      // The caller's context may be that of a call being received, which would cancel this one with itself.
      io.grpc.Context before = io.grpc.Context.ROOT.attach();
      try {
        // The queue's back-off says when to try again, not the channel's own, which grows to two minutes.
        if (state() == ConnectivityState.TRANSIENT_FAILURE) channel.enterIdle();
        long now = System.nanoTime();
        ClientCall<Body, byte[]> next = channel.newCall(
            METHODS.get(batch.signal()), options.withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
        synchronized (this) {
          if (ended) return;
          call = next;
          started = now;
        }
        Metadata sent = new Metadata();
        sent.merge(headers);
        access.authorization().ifPresent(a -> sent.put(AUTHORIZATION, a.reveal()));
        next.start(this, sent);
        next.request(1);
        next.sendMessage(message);
        next.halfClose();
      } catch (RuntimeException | Error e) {
        // Also after a close of the exporter, which cancels calls while they start.
        end(Verdict.retry(e.toString()));
        if (e instanceof Error) throw e;
      } finally {
        io.grpc.Context.ROOT.detach(before);
      }
    }

    @Override
    public void onMessage(byte[] message) {
      response = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      Verdict verdict =
          GrpcAnswer.of(status, trailers, response, batch.items(), trouble::why);
      switch (status.getCode()) {
        case UNIMPLEMENTED ->
            verdict = Verdict.rejected(
                "the peer does not take " + batch.signal().name().toLowerCase(Locale.ROOT) + ": " + verdict.why());
        case UNAVAILABLE -> {
          if (CLOSED.equals(status.getDescription())) verdict = Verdict.retry(trouble.closed(access.sslContext().isPresent()));
        }
        case UNAUTHENTICATED, PERMISSION_DENIED -> verdict = access.refused(verdict);
        case DEADLINE_EXCEEDED -> {
          if (System.nanoTime() - started >= timeout.toNanos()) {
            String what = state() == ConnectivityState.READY ? "answer" : "connection";
            verdict = Verdict.retry("no " + what + " within " + timeout.toMillis() + " ms");
            // The connection may be dead without either end knowing; the next call gets another one.
            channel.enterIdle();
          }
        }
        default -> { }
      }
      end(verdict);
    }

    void end(Verdict verdict) {
      ClientCall<Body, byte[]> cancelled;
      synchronized (this) {
        if (ended) return;
        ended = true;
        cancelled = call;
      }
      wire.release();
      // Without effect on a call that has ended.
      if (cancelled != null) cancelled.cancel("the exporter gave up", null);
      synchronized (running) {
        running.remove(this);
      }
      report.verdict(peer, verdict);
      verdict.at(peer).tell(outcome);
    }
  }

  private static final class RequestMarshaller implements MethodDescriptor.Marshaller<Body> {
    @Override
    public InputStream stream(Body body) {
      return body.open();
    }

    @Override
    public Body parse(InputStream in) {
      throw new UnsupportedOperationException("requests are only written");
    }
  }

  private static final class ResponseMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] response) {
      throw new UnsupportedOperationException("responses are only read");
    }

    @Override
    public byte[] parse(InputStream in) {
      try {
        return in.readNBytes(HttpConnection.ANSWER_LIMIT);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
