package io.mop.plugins.otlp;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.mop.api.data.Signal;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** grpc-java's own client, with messages as bytes. */
final class GrpcClient implements AutoCloseable {
  static final String IDENTITY = "identity";
  private final ManagedChannel channel;
  private String authorization = "";

  GrpcClient(int port) {
    this(port, List.of(Codec.Identity.NONE, new Codec.Gzip(), new Zstandard("zstd"), new Zstandard("br")));
  }

  private GrpcClient(int port, List<Compressor> known) {
    this(NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext(), known);
  }

  private GrpcClient(NettyChannelBuilder builder, List<Compressor> known) {
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    known.forEach(compressors::register);
    channel = builder.compressorRegistry(compressors).build();
  }

  /** A client that speaks TLS. */
  static GrpcClient encrypted(int port, SSLContext tls) {
    var http2 = new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2");
    var context = new JdkSslContext(tls, true, null, IdentityCipherSuiteFilter.INSTANCE, http2, ClientAuth.NONE, null,
        false);
    return new GrpcClient(NettyChannelBuilder.forAddress("127.0.0.1", port).sslContext(context),
        List.of(Codec.Identity.NONE));
  }

  /** The same connection with an authorization header on every call. */
  GrpcClient authorized(String authorization) {
    this.authorization = authorization;
    return this;
  }

  private Channel calls() {
    if (authorization.isEmpty()) return channel;
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** A client that says "gzip" or "zstd" and sends messages as they are. */
  static GrpcClient precompressed(int port) {
    return new GrpcClient(port, List.of(new AsIs("gzip"), new AsIs("zstd")));
  }

  ListenableFuture<byte[]> send(Signal signal, byte[] message, String encoding) {
    return ClientCalls.futureUnaryCall(
        calls().newCall(method(signal), CallOptions.DEFAULT.withCompression(encoding)), message);
  }

  /** Sends and waits: the response, or its failure as a StatusRuntimeException. */
  byte[] export(Signal signal, byte[] message, String encoding) {
    return ClientCalls.blockingUnaryCall(calls(), method(signal),
        CallOptions.DEFAULT.withCompression(encoding).withDeadlineAfter(20, TimeUnit.SECONDS), message);
  }

  /** The failure of a request that must fail. */
  StatusRuntimeException failure(Signal signal, byte[] message, String encoding) {
    try {
      export(signal, message, encoding);
    } catch (StatusRuntimeException e) {
      return e;
    }
    throw new AssertionError("the request was accepted");
  }

  ManagedChannel channel() {
    return channel;
  }

  static MethodDescriptor<byte[], byte[]> method(Signal signal) {
    return method(switch (signal) {
      case TRACES -> "opentelemetry.proto.collector.trace.v1.TraceService/Export";
      case METRICS -> "opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
      case LOGS -> "opentelemetry.proto.collector.logs.v1.LogsService/Export";
    });
  }

  static MethodDescriptor<byte[], byte[]> method(String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder().setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(name).setRequestMarshaller(new Plain()).setResponseMarshaller(new Plain()).build();
  }

  static Status.Code code(StatusRuntimeException e) {
    return e.getStatus().getCode();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    Await.until("the client has ended", channel::isTerminated);
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

  /** Zstandard under any name. */
  private record Zstandard(String name) implements Compressor {
    @Override
    public String getMessageEncoding() {
      return name;
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      return new ZstdOutputStreamNoFinalizer(out, 3);
    }
  }

  private record AsIs(String name) implements Compressor {
    @Override
    public String getMessageEncoding() {
      return name;
    }

    @Override
    public OutputStream compress(OutputStream out) {
      return out;
    }
  }
}
