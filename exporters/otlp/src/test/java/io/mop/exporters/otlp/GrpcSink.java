package io.mop.exporters.otlp;

import com.github.luben.zstd.ZstdInputStream;
import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.mop.api.data.Signal;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/** grpc-java's own server with OTLP's three methods over bytes; answers OK unless it is told otherwise. */
final class GrpcSink implements AutoCloseable {
  static final int MESSAGE_LIMIT = 32 << 20;

  record Request(Signal signal, byte[] message, Metadata headers) {
    String header(String name) {
      return headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }

  /** @param held true = not before {@link #release} */
  record Answer(Status status, Metadata trailers, byte[] response, boolean held) {
    static Answer ok(byte[] response) {
      return new Answer(Status.OK, new Metadata(), response, false);
    }

    static Answer of(Status status) {
      return new Answer(status, new Metadata(), new byte[0], false);
    }

    Answer details(byte[] rpcStatus) {
      Metadata with = new Metadata();
      with.put(GrpcAnswer.DETAILS, rpcStatus);
      return new Answer(status, with, response, held);
    }

    Answer hold() {
      return new Answer(status, trailers, response, true);
    }
  }

  final List<Request> requests = new CopyOnWriteArrayList<>();
  final Set<SocketAddress> peers = ConcurrentHashMap.newKeySet();
  private final Deque<Answer> next = new ArrayDeque<>();
  private final Queue<Runnable> heldCalls = new ConcurrentLinkedQueue<>();
  private Server server;
  private int port;
  private volatile boolean keep = true;

  GrpcSink() {
    this(0, Optional.empty(), Set.of(Signal.values()), b -> { });
  }

  GrpcSink(int port) {
    this(port, Optional.empty(), Set.of(Signal.values()), b -> { });
  }

  GrpcSink(int port, Optional<SSLContext> tls, Set<Signal> signals, Consumer<NettyServerBuilder> more) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .directExecutor()
            .maxInboundMessageSize(MESSAGE_LIMIT)
            .decompressorRegistry(
                DecompressorRegistry.emptyInstance()
                    .with(Codec.Identity.NONE, false).with(new Codec.Gzip(), true).with(new Zstd(), true));
    tls.ifPresent(context -> builder.sslContext(new JdkSslContext(context, false, Http2SecurityUtil.CIPHERS,
        SupportedCipherSuiteFilter.INSTANCE,
        new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2"),
        ClientAuth.NONE, null, false)));
    if (signals.contains(Signal.TRACES)) builder.addService(service("trace", "TraceService", Signal.TRACES));
    if (signals.contains(Signal.METRICS)) builder.addService(service("metrics", "MetricsService", Signal.METRICS));
    if (signals.contains(Signal.LOGS)) builder.addService(service("logs", "LogsService", Signal.LOGS));
    more.accept(builder);
    Await.until("the port is free", () -> started(builder));
  }

  private boolean started(NettyServerBuilder builder) {
    Server fresh = builder.build();
    try {
      fresh.start();
    } catch (IOException e) {
      return false; // an earlier server is still letting go of the port
    }
    server = fresh;
    port = fresh.getPort();
    return true;
  }

  private ServerServiceDefinition service(String area, String name, Signal signal) {
    String service = "opentelemetry.proto.collector." + area + ".v1." + name;
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(service + "/Export")
            .setRequestMarshaller(new Plain())
            .setResponseMarshaller(new Plain())
            .build();
    ServerCallHandler<byte[], byte[]> handler = (call, headers) -> {
      peers.add(call.getAttributes().get(io.grpc.Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
      call.request(2);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(byte[] message) {
          if (keep) requests.add(new Request(signal, message, headers));
          answer(call);
        }
      };
    };
    return ServerServiceDefinition.builder(service).addMethod(method, handler).build();
  }

  private synchronized void answer(ServerCall<byte[], byte[]> call) {
    Answer answer = next.isEmpty() ? Answer.ok(new byte[0]) : next.poll();
    Runnable reply = () -> {
      if (answer.status.isOk()) {
        call.sendHeaders(new Metadata());
        call.sendMessage(answer.response);
      }
      call.close(answer.status, answer.trailers);
    };
    if (answer.held) heldCalls.add(reply);
    else reply.run();
  }

  /** For the next requests, in order; after them OK. */
  synchronized GrpcSink next(Answer... answers) {
    next.addAll(List.of(answers));
    return this;
  }

  /** Lets the answers held so far go. */
  void release() {
    for (Runnable r = heldCalls.poll(); r != null; r = heldCalls.poll()) r.run();
  }

  /** Keeps no requests. */
  GrpcSink forget() {
    keep = false;
    return this;
  }

  void awaitRequests(int n) {
    Await.until(n + " requests", () -> requests.size() >= n);
  }

  int port() {
    return port;
  }

  String endpoint() {
    return "127.0.0.1:" + port();
  }

  /** Sends GOAWAY and listens no more; calls under way go on. */
  void shutdown() {
    server.shutdown();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(20, TimeUnit.SECONDS)) throw new AssertionError("the server did not end");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Zstd implements Decompressor {
    @Override
    public String getMessageEncoding() {
      return "zstd";
    }

    @Override
    public InputStream decompress(InputStream in) throws IOException {
      return new ZstdInputStream(in);
    }
  }

  private static final class Plain implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream in) {
      try {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
