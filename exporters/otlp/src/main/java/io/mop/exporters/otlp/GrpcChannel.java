package io.mop.exporters.otlp;

import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Keepalive;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/** How a connection to the peer is set up. */
final class GrpcChannel {
  /** Names that belong to HTTP/2 and gRPC themselves. */
  private static final Set<String> RESERVED =
      Set.of("connection", "content-length", "content-type", "host", "te", "transfer-encoding", "user-agent");

  private static final int ANSWER_LIMIT = 4 << 20;

  private GrpcChannel() {}

  /**
   * @param tls of connections that use TLS; empty = the JDK's trust store
   * @param workers for look-ups of host names, which block
   */
  static ManagedChannel open(
      Config config, Optional<Encoder> encoder, Optional<SSLContext> tls, Loops loops, Executor workers) {
    Otlp.GrpcPeer peer = config.grpcPeer();
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    encoder.ifPresent(e -> compressors.register(new Encoded(e.token())));
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + peer.authority())
            .eventLoopGroup(loops.group)
            .channelType(loops.channelType)
            // Nothing of gRPC's shared threads: they would outlive this exporter.
            .directExecutor()
            .offloadExecutor(workers)
            .compressorRegistry(compressors)
            .maxInboundMessageSize(ANSWER_LIMIT)
            .maxInboundMetadataSize(Head.LIMIT)
            // Trying again is the queue's work; gRPC would buffer each message to do it.
            .disableRetry()
            .disableServiceConfigLookUp()
            .proxyDetector(address -> null)
            .userAgent("mop");
    Keepalive keepalive = config.keepalive().orElse(Keepalive.DEFAULT);
    builder
        .keepAliveTime(keepalive.time().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(keepalive.timeout().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveWithoutCalls(keepalive.permitWithoutStream());
    if (peer.tls()) builder.sslContext(sslContext(tls));
    else builder.usePlaintext();
    return builder.build();
  }

  private static SslContext sslContext(Optional<SSLContext> tls) {
    try {
      return new JdkSslContext(
          tls.isPresent() ? tls.get() : SSLContext.getDefault(),
          true,
          Http2SecurityUtil.CIPHERS,
          SupportedCipherSuiteFilter.INSTANCE,
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              ApplicationProtocolNames.HTTP_2),
          ClientAuth.NONE,
          null,
          false);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("the JDK has no default SSL context", e);
    }
  }

  /** The configured headers as metadata. gRPC logs values it cannot send, so they are checked here. */
  static Metadata metadata(Map<String, Secret> headers) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, secret) -> {
          String lower = name.toLowerCase(Locale.ROOT);
          String value = secret.reveal();
          boolean binary = lower.endsWith(Metadata.BINARY_HEADER_SUFFIX);
          if (RESERVED.contains(lower) || lower.startsWith("grpc-") || !lower.matches("[0-9a-z_.-]+")
              || !binary && !value.matches("[\\x20-\\x7e]*")) {
            throw new InvalidConfig(
                "headers." + name, "a header that may be set, its name and value as gRPC allows them");
          }
          if (binary) {
            metadata.put(
                Metadata.Key.of(lower, Metadata.BINARY_BYTE_MARSHALLER), value.getBytes(StandardCharsets.UTF_8));
          } else {
            metadata.put(Metadata.Key.of(lower, Metadata.ASCII_STRING_MARSHALLER), value);
          }
        });
    return metadata;
  }

  /** Messages come here compressed, from an {@link Encoder} that reads the batch's memory as it is. */
  private record Encoded(String token) implements Compressor {
    @Override
    public String getMessageEncoding() {
      return token;
    }

    @Override
    public OutputStream compress(OutputStream out) {
      return out;
    }
  }
}
