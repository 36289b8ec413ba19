package io.mop.plugins.otlp;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import org.osgi.service.component.annotations.Component;

/**
 * {@code receivers.otlp}: OTLP over gRPC and HTTP/1.1, protobuf and JSON, gzip and zstd. Received protobuf stays as it
 * is; JSON is transcoded to protobuf bytes.
 */
@Component
@Provides(kind = Provides.Kind.RECEIVER, name = "otlp")
public final class Otlp implements Plugin<OtlpConfig> {
  @Override
  public Class<OtlpConfig> config() {
    return OtlpConfig.class;
  }

  @Override
  public Receiver create(OtlpConfig config, Context context) {
    return new OtlpReceiver(config, context);
  }
}
