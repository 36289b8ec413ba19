package io.mop.plugins.otlp;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerStreamTracer;
import io.grpc.netty.NettyServerBuilder;
import io.mop.api.data.Signal;
import io.netty.channel.ChannelOption;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/** OTLP/gRPC: three unary methods over messages that stay bytes. */
final class GrpcServer {
  static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  /** A call whose message is not there after this long is ended: it holds memory. */
  private static final long MESSAGE_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long SWEEP_SECONDS = 5;
  private static final int CLOSE_SECONDS = 5;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  /** Memory for unfinished messages, which gRPC keeps in buffers of its own, in largest messages. */
  private static final int UNFINISHED_MESSAGES = 4;

  /**
   * At INFO it has a stack trace for every peer that breaks the protocol: shown if asked for, by its own level or by
   * debug for all. Held, since loggers that nobody holds forget their level.
   */
  private static final Logger BROKEN = Logger.getLogger("io.grpc.netty.NettyServerTransport.connections");

  static {
    if (BROKEN.getLevel() == null && !BROKEN.isLoggable(Level.FINE)) BROKEN.setLevel(Level.WARNING);
  }

  private final Gate gate;
  private final Door door;
  private final int messageLimit;
  private final Server server;
  private final ScheduledFuture<?> sweeper;
  private final Set<GrpcCall> receiving = ConcurrentHashMap.newKeySet();
  private final AtomicLong buffered = new AtomicLong();
  private final ConnectionLimit connections;
  private volatile boolean paused;
  private volatile boolean closing;

  GrpcServer(OtlpConfig.Grpc config, Endpoint endpoint, Door door, Gate gate, Loops loops) {
    this.gate = gate;
    this.door = door;
    connections = new ConnectionLimit(config.maxConnections(), gate.connectionsRefused, door, true);
    messageLimit = config.messageLimit();
    NettyServerBuilder builder = NettyServerBuilder.forAddress(endpoint.address())
        .channelFactory(loops.channels(connections))
        .bossEventLoopGroup(loops.group).workerEventLoopGroup(loops.group)
        .withOption(ChannelOption.SO_BACKLOG, 1024)
        .directExecutor()
        // One byte more for the tag of compressed messages; the marshaller checks the limit itself.
        .maxInboundMessageSize(messageLimit + 1)
        .maxConcurrentCallsPerConnection(config.maxConcurrentStreams())
        .decompressorRegistry(TaggedCodec.registry())
        .addStreamTracerFactory(new ServerStreamTracer.Factory() {
          @Override
          public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
            return new GrpcCall(GrpcServer.this, gate);
          }
        });
    door.forGrpc().ifPresent(builder::sslContext);
    keepalive(builder, config.keepalive());
    builder.addService(service("trace", "TraceService", Signal.TRACES));
    builder.addService(service("metrics", "MetricsService", Signal.METRICS));
    builder.addService(service("logs", "LogsService", Signal.LOGS));
    server = builder.build();
    try {
      server.start();
    } catch (IOException e) {
      server.shutdownNow();
      throw endpoint.failed(e);
    }
    sweeper = loops.group.scheduleAtFixedRate(() -> endUnfinished(MESSAGE_LIMIT_NANOS),
        SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
  }

  private static void keepalive(NettyServerBuilder builder, OtlpConfig.Keepalive keepalive) {
    OtlpConfig.ServerParameters own = keepalive.serverParameters();
    builder.keepAliveTime(own.time().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(own.timeout().toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveTime(keepalive.enforcementPolicy().minTime().toNanos(), TimeUnit.NANOSECONDS)
        .permitKeepAliveWithoutCalls(keepalive.enforcementPolicy().permitWithoutStream());
    own.maxConnectionIdle().ifPresent(d -> builder.maxConnectionIdle(d.toNanos(), TimeUnit.NANOSECONDS));
    own.maxConnectionAge().ifPresent(d -> builder.maxConnectionAge(d.toNanos(), TimeUnit.NANOSECONDS));
    own.maxConnectionAgeGrace().ifPresent(d -> builder.maxConnectionAgeGrace(d.toNanos(), TimeUnit.NANOSECONDS));
  }

  private ServerServiceDefinition service(String area, String name, Signal signal) {
    String service = "opentelemetry.proto.collector." + area + ".v1." + name;
    MethodDescriptor<RequestMarshaller.Received, byte[]> export =
        MethodDescriptor.<RequestMarshaller.Received, byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(service, "Export"))
            .setRequestMarshaller(new RequestMarshaller(gate, signal, messageLimit))
            .setResponseMarshaller(new ResponseMarshaller())
            .build();
    ServerCallHandler<RequestMarshaller.Received, byte[]> handler = (call, headers) -> {
      GrpcCall current = GrpcCall.KEY.get();
      String authorization = headers.get(AUTHORIZATION);
      return current.begin(call, signal, door.lets(authorization == null ? "" : authorization));
    };
    return ServerServiceDefinition.builder(service).addMethod(export, handler).build();
  }

  /** Open connections. */
  int connections() {
    return connections.open();
  }

  InetSocketAddress listening() {
    return (InetSocketAddress) server.getListenSockets().get(0);
  }

  /** A call waits for its message; it is asked for unless this server is paused. */
  void receiving(GrpcCall call) {
    receiving.add(call);
    if (closing) {
      call.endEarly(shuttingDown());
    } else if (!paused) {
      call.read();
    }
  }

  void received(GrpcCall call) {
    receiving.remove(call);
  }

  /** Counts bytes of unfinished messages; false = more than there is room for. */
  boolean buffer(long bytes) {
    return buffered.addAndGet(bytes) <= (long) UNFINISHED_MESSAGES * messageLimit;
  }

  /** Messages are asked for no more; HTTP/2 flow control stops the senders, while pings are still answered. */
  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    receiving.forEach(GrpcCall::read);
  }

  /** Ends calls whose message has been asked for that long ago and is not there. */
  void endUnfinished(long nanos) {
    if (paused) return;
    for (GrpcCall call : receiving) {
      if (call.readingNanos() > nanos) {
        call.endEarly(new Answer(Answer.Outcome.ABORTED, "the message did not arrive in time"));
      }
    }
  }

  /** Bytes of unfinished messages. */
  long buffered() {
    return buffered.get();
  }

  void stopListening() {
    closing = true;
    server.shutdown();
    receiving.forEach(call -> call.endEarly(shuttingDown()));
  }

  private static Answer shuttingDown() {
    return Answer.refused("shutting down", RETRY_AFTER);
  }

  /** Lets calls that wait for their acknowledgement end, until the deadline of {@link System#nanoTime}. */
  void close(long deadline) {
    sweeper.cancel(false);
    try {
      if (server.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) return;
      server.shutdownNow().awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static final class ResponseMarshaller implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] response) {
      return new ByteArrayInputStream(response);
    }

    @Override
    public byte[] parse(InputStream in) {
      throw new UnsupportedOperationException("responses are only written");
    }
  }
}
