package io.mop.plugins.otlp;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.mop.api.data.Signal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** grpc-java's own client, with messages as bytes. */
final class GrpcClient implements AutoCloseable {
  static final String IDENTITY = "identity";
  private final ManagedChannel channel;

  GrpcClient(int port) {
    this(port, List.of(Codec.Identity.NONE, new Codec.Gzip(), new Zstandard("zstd"), new Zstandard("br")));
  }

  private GrpcClient(int port, List<Compressor> known) {
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    known.forEach(compressors::register);
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().compressorRegistry(compressors).build();
  }

  /** A client that says "gzip" or "zstd" and sends messages as they are. */
  static GrpcClient precompressed(int port) {
    return new GrpcClient(port, List.of(new AsIs("gzip"), new AsIs("zstd")));
  }

  ListenableFuture<byte[]> send(Signal signal, byte[] message, String encoding) {
    return ClientCalls.futureUnaryCall(
        channel.newCall(method(signal), CallOptions.DEFAULT.withCompression(encoding)), message);
  }

  /** Sends and waits: the response, or its failure as a StatusRuntimeException. */
  byte[] export(Signal signal, byte[] message, String encoding) {
    return ClientCalls.blockingUnaryCall(channel, method(signal),
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
