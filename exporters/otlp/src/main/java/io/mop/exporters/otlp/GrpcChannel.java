package io.mop.exporters.otlp;

import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.ManagedChannel;
import io.grpc.ProxiedSocketAddress;
import io.grpc.netty.NettyChannelBuilder;
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
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;

/** How a connection to the peer is set up. */
final class GrpcChannel {
  private static final int ANSWER_LIMIT = 4 << 20;

  /** Of grpc-java; shows every header, and with them credentials, when everything is logged at debug. */
  private static final Logger FRAMES = Logger.getLogger("io.grpc.netty.NettyClientHandler");

  static {
    FRAMES.setLevel(Level.INFO);
  }

  private GrpcChannel() {}

  /**
   * @param workers for look-ups of host names, which block
   */
  static ManagedChannel open(
      Config config, Optional<Encoder> encoder, Access access, Optional<Proxy> proxy, Loops loops, Executor workers) {
    Origin peer = config.grpcPeer();
    CompressorRegistry compressors = CompressorRegistry.newEmptyInstance();
    encoder.ifPresent(e -> compressors.register(new Encoded(e.token())));
    NettyChannelBuilder builder =
        NettyChannelBuilder.forTarget("dns:///" + peer.hostPort())
            .eventLoopGroup(loops.group)
            .channelType(loops.channelType)
            // Nothing of gRPC's shared threads: they would outlive this exporter.
            .directExecutor()
            .offloadExecutor(workers)
            .compressorRegistry(compressors)
            .maxInboundMessageSize(ANSWER_LIMIT)
            .maxInboundMetadataSize(HttpConnection.ANSWER_LIMIT)
            // Trying again is the queue's work; gRPC would buffer each message to do it.
            .disableRetry()
            .disableServiceConfigLookUp()
            .proxyDetector(address -> proxy.isEmpty() ? null : tunnel(proxy.get(), (InetSocketAddress) address))
            .userAgent("mop");
    Keepalive keepalive = config.keepalive().orElse(Keepalive.DEFAULT);
    builder
        .keepAliveTime(keepalive.time().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveTimeout(keepalive.timeout().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveWithoutCalls(keepalive.permitWithoutStream());
    access.sslContext().ifPresentOrElse(
        tls -> {
          builder.sslContext(sslContext(tls, access.cipherSuites()));
          access.serverName().ifPresent(builder::overrideAuthority);
        },
        builder::usePlaintext);
    return builder.build();
  }

  /** Called where it may block: on a worker. */
  private static ProxiedSocketAddress tunnel(Proxy proxy, InetSocketAddress peer) throws IOException {
    InetSocketAddress at = new InetSocketAddress(proxy.host(), proxy.port());
    if (at.isUnresolved()) throw new UnknownHostException(proxy.host());
    HttpConnectProxiedSocketAddress.Builder tunnel =
        HttpConnectProxiedSocketAddress.newBuilder().setProxyAddress(at).setTargetAddress(peer);
    proxy.login().ifPresent(l -> tunnel.setUsername(l.user()).setPassword(l.password().reveal()));
    return tunnel.build();
  }

  private static SslContext sslContext(SSLContext tls, List<String> cipherSuites) {
    return new JdkSslContext(
        tls,
        true,
        cipherSuites.isEmpty() ? Http2SecurityUtil.CIPHERS : cipherSuites,
        SupportedCipherSuiteFilter.INSTANCE,
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2),
        ClientAuth.NONE,
        null,
        false);
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
