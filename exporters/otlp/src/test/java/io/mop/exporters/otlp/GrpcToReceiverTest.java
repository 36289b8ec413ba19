package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Ack;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Refused;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Size;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.plugins.otlp.OtlpConfig;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From MOP to MOP. */
class GrpcToReceiverTest {
  private final TestOutcome outcome = new TestOutcome();
  private final Memory intake = new Memory();
  private Receiver receiver;
  private int port;

  @BeforeEach
  void receive() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    // The defaults of the keys that do not matter here.
    OtlpConfig.Keepalive keepalive = new OtlpConfig.Keepalive(
        new OtlpConfig.ServerParameters(
            Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofHours(2), Duration.ofSeconds(20)),
        new OtlpConfig.EnforcementPolicy(Duration.ofMinutes(5), false));
    OtlpConfig.Grpc grpc = new OtlpConfig.Grpc(
        "127.0.0.1:" + port, new Size(16 << 20), Optional.empty(), 512, 4096, keepalive);
    OtlpConfig config = new OtlpConfig(
        Optional.of(new OtlpConfig.Protocols(Optional.of(grpc), Optional.empty())), new Size(32 << 20));
    receiver = new io.mop.plugins.otlp.Otlp().create(config, new TestContext("receivers.otlp"));
    receiver.start(intake);
  }

  @AfterEach
  void close() {
    receiver.close();
    assertThat(outcome.untaken()).isEmpty();
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void whatIsSentIsReceivedAndRefusalsAreTriedAgain(Compression compression) {
    GrpcExporter exporter = new GrpcExporter(
        GrpcExporterTest.config("127.0.0.1:" + port, TestOutcome.LIMIT, compression, Map.of()), new TestContext("exporters.otlp/test"), Map.of());
    Random random = new Random(3);
    for (int spans : new int[] {1, 1000, 150_000}) {
      byte[] sent = Requests.of(random, spans).toByteArray();
      exporter.export(TestBatch.of(Signal.TRACES, sent), outcome);
      assertThat(outcome.take()).isEqualTo("delivered");
      assertThat(intake.requests.get(intake.requests.size() - 1)).isEqualTo(sent);
    }
    intake.full = true;
    exporter.export(Requests.batch(Requests.of(random, 10)), outcome);
    assertThat(outcome.take()).isEqualTo("retry PT1.5S 127.0.0.1:" + port + ": UNAVAILABLE: memory is full");
    exporter.export(TestBatch.of(Signal.LOGS, new byte[] {10, 0}), outcome);
    assertThat(outcome.take()).startsWith(
        "rejected 127.0.0.1:" + port + ": the peer does not take logs: UNIMPLEMENTED: ");
    exporter.close();
  }

  /** An engine with room, or without. */
  private static final class Memory implements Intake {
    final List<byte[]> requests = new CopyOnWriteArrayList<>();
    volatile boolean full;

    @Override
    public boolean carries(Signal signal) {
      return signal == Signal.TRACES;
    }

    @Override
    public Landing reserve(Signal signal, int bytes, String tenant) throws Refused {
      if (full) throw new Refused("memory is full", Duration.ofMillis(1500));
      ByteBuffer buffer = ByteBuffer.allocate(bytes);
      return new Landing() {
        @Override
        public ByteBuffer buffer() {
          return buffer;
        }

        @Override
        public void submit(Ack ack) {
          byte[] message = new byte[buffer.position()];
          buffer.flip().get(message);
          requests.add(message);
          ack.safe();
        }

        @Override
        public void cancel() {}
      };
    }
  }
}
