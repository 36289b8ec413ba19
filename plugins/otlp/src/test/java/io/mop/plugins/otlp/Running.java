package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.net.ServerAuth;
import io.mop.api.net.ServerTls;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestContext;
import java.time.Duration;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;

/** A running receiver on free ports, with the fakes around it; closing checks that nothing is left over. */
final class Running implements AutoCloseable {
  static final int WIRE_LIMIT = 1 << 20;
  static final int INFLATED_LIMIT = 4 << 20;

  /** Held here, since loggers that nobody holds forget their level. */
  private static final Logger QUIET = Logger.getLogger(OtlpReceiver.class.getName());

  static {
    QUIET.setLevel(Level.WARNING);
  }

  final FakeIntake intake = new FakeIntake();
  final TestContext context = new TestContext("receivers.otlp");
  final OtlpReceiver receiver;

  Running() {
    this(config(Duration.ofSeconds(30), Duration.ofSeconds(30), 4096));
  }

  Running(OtlpConfig config) {
    receiver = (OtlpReceiver) new Otlp().create(config, context);
    receiver.start(intake);
  }

  static OtlpConfig config(Duration readTimeout, Duration idleTimeout, int maxConnections) {
    OtlpConfig.Grpc g = OtlpConfig.Grpc.DEFAULT;
    OtlpConfig.Http h = OtlpConfig.Http.DEFAULT;
    return new OtlpConfig(Optional.of(new OtlpConfig.Protocols(
        Optional.of(new OtlpConfig.Grpc("127.0.0.1:0", new Size(WIRE_LIMIT), Optional.empty(),
            g.maxConcurrentStreams(), maxConnections, g.keepalive())),
        Optional.of(new OtlpConfig.Http("127.0.0.1:0", new Size(WIRE_LIMIT), h.tracesUrlPath(), h.metricsUrlPath(),
            h.logsUrlPath(), readTimeout, idleTimeout, maxConnections)))), new Size(INFLATED_LIMIT));
  }

  /** The same, with TLS and credentials on both servers. */
  static OtlpConfig config(Optional<ServerTls> tls, Optional<ServerAuth> auth) {
    OtlpConfig plain = config(Duration.ofSeconds(30), Duration.ofSeconds(30), 4096);
    return new OtlpConfig(Optional.of(new OtlpConfig.Protocols(plain.grpc().map(g -> g.with(tls, auth)),
        plain.http().map(h -> h.with(tls, auth)))), plain.maxInflatedSize());
  }

  int grpcPort() {
    return receiver.grpc().listening().getPort();
  }

  int httpPort() {
    return receiver.http().listening().getPort();
  }

  /** Nothing is in flight: every landing has ended, every request has its outcome. */
  void settled() {
    Await.until("no landing is open", () -> intake.openLandings.get() == 0);
    Await.until("every request has an outcome", () -> context.count("requests") == outcomes());
    assertThat(intake.reserved.get()).isZero();
    assertThat(intake.faults).isEmpty();
  }

  @Override
  public void close() {
    receiver.close();
    settled();
  }

  /** Every request has exactly one outcome once nothing is in flight. */
  long outcomes() {
    long sum = 0;
    for (Answer.Outcome o : Answer.Outcome.values()) sum += context.count(o.counter);
    return sum;
  }
}
