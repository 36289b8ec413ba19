package io.mop.exporters.otlp;

import com.github.luben.zstd.ZstdInputStream;
import com.sun.management.ThreadMXBean;
import io.mop.api.pipeline.Exporter;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * What sending one batch costs the exporter's own threads and the caller's: CPU and heap allocation, gRPC beside HTTP,
 * servers' threads left out. Prints medians of interleaved rounds.
 */
final class Cost {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ROUNDS = 7;
  private static final int AT_ONCE = 4;

  private Cost() {}

  private record Used(long nanos, long bytes) {}

  public static void main(String[] args) {
    try (GrpcSink grpc = new GrpcSink().forget(); OtlpSink http = new OtlpSink().decoding("zstd", ZstdInputStream::new)) {
      for (int spans : new int[] {100, 2_000, 20_000}) {
        TestBatch batch = Requests.batch(Requests.of(new Random(1), spans));
        int calls = Math.max(20, 200_000 / spans);
        System.out.printf("%d spans, %d bytes%n", spans, batch.wire().remaining());
        for (Compression compression : Compression.values()) {
          Exporter[] both = {
            new GrpcExporter(config(Protocol.GRPC, "http://" + grpc.endpoint(), compression), new TestContext("exporters.otlp/test"),
                Map.of()),
            new HttpExporter(config(Protocol.HTTP, http.url(), compression), new TestContext("exporters.otlp/test"), Map.of()),
          };
          Used[][] used = new Used[2][ROUNDS];
          for (int round = -3; round < ROUNDS; round++) { // negative: warming up
            for (int i = 0; i < 2; i++) {
              Used u = round(both[i], batch, calls);
              if (round >= 0) used[i][round] = u;
            }
          }
          for (int i = 0; i < 2; i++) {
            Arrays.sort(used[i], (a, b) -> Long.compare(a.nanos, b.nanos));
            long cpu = used[i][ROUNDS / 2].nanos;
            Arrays.sort(used[i], (a, b) -> Long.compare(a.bytes, b.bytes));
            System.out.printf("  %s %-4s %9.1f us CPU, %9d bytes allocated a batch%n", i == 0 ? "gRPC" : "HTTP",
                compression.name().toLowerCase(Locale.ROOT), cpu / 1e3 / calls, used[i][ROUNDS / 2].bytes / calls);
            both[i].close();
          }
        }
      }
    }
  }

  private static Config config(Protocol protocol, String url, Compression compression) {
    return TestConfig.of().protocol(protocol).endpoint(url).compression(compression).build();
  }

  private static Used round(Exporter exporter, TestBatch batch, int calls) {
    Semaphore room = new Semaphore(AT_ONCE);
    Used before = now();
    for (int i = 0; i < calls; i++) {
      room.acquireUninterruptibly();
      exporter.export(batch, new Exporter.Outcome() {
        @Override
        public void delivered() {
          room.release();
        }

        @Override
        public void partly(int rejected, String why) {
          throw new AssertionError(why);
        }

        @Override
        public void retry(String why, Duration after) {
          throw new AssertionError(why);
        }

        @Override
        public void rejected(String why) {
          throw new AssertionError(why);
        }
      });
    }
    room.acquireUninterruptibly(AT_ONCE);
    Used after = now();
    return new Used(after.nanos - before.nanos, after.bytes - before.bytes);
  }

  private static Used now() {
    long nanos = 0;
    long bytes = 0;
    for (Thread t : Thread.getAllStackTraces().keySet()) {
      String name = t.getName();
      if (!name.equals("main") && !name.startsWith("exporters.otlp/")) continue;
      nanos += Math.max(0, THREADS.getThreadCpuTime(t.getId()));
      bytes += Math.max(0, THREADS.getThreadAllocatedBytes(t.getId()));
    }
    return new Used(nanos, bytes);
  }
}
