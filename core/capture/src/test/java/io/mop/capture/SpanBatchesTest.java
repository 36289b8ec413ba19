package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is kept while pipelines refuse. */
class SpanBatchesTest {
  private static final Text TEXT = Text.of("x".repeat(1000));

  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Door door = new Door();
  private final SpanBatches batches = new SpanBatches(door, "1", context());
  private final List<Resource> processes = new ArrayList<>();
  private long made;

  /** A pipeline that refuses, or takes spans. */
  private static final class Door implements Receiver.Intake {
    boolean refuses;
    int asked;
    final Set<Long> taken = new HashSet<>();

    @Override
    public boolean carries(Signal signal) {
      return signal == Signal.TRACES;
    }

    @Override
    public Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
      asked++;
      if (refuses) throw new Receiver.Refused("full", Duration.ofSeconds(1));
      ByteBuffer buffer = ByteBuffer.allocate(bytes);
      return new Receiver.Landing() {
        @Override
        public ByteBuffer buffer() {
          return buffer;
        }

        @Override
        public void submit(Receiver.Ack ack) {
          spans(buffer.flip()).forEach(s -> assertThat(taken.add(id(s))).as("once").isTrue());
          ack.safe();
        }

        @Override
        public void cancel() {}
      };
    }

    private static List<Span> spans(ByteBuffer request) {
      try {
        return ExportTraceServiceRequest.parseFrom(request).getResourceSpansList().stream()
            .flatMap(r -> r.getScopeSpansList().stream())
            .flatMap(s -> s.getSpansList().stream())
            .toList();
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    private static long id(Span span) {
      return span.getSpanId().asReadOnlyByteBuffer().getLong();
    }
  }

  private Context context() {
    return (Context) Proxy.newProxyInstance(
        Context.class.getClassLoader(),
        new Class<?>[] {Context.class},
        (self, method, args) -> {
          AtomicLong n = counters.computeIfAbsent((String) args[0], name -> new AtomicLong());
          return (Context.Counter) n::addAndGet;
        });
  }

  private long refused() {
    return counters.get("spans_refused").get();
  }

  /** So many spans of about 1 KiB, of the processes in turn. */
  private void spans(int n) {
    for (int i = 0; i < n; i++) {
      batches.begin(processes.get(i % processes.size()), 1, 2, ++made, 0, SpanSink.SERVER, 1, 2);
      batches.name(TEXT);
      batches.attribute("a", TEXT);
      batches.end();
    }
  }

  private void processes(int n) {
    for (int i = 0; i < n; i++) processes.add(new Resource(i + 10, 1, Map.of("service.name", "s" + i)));
  }

  @Test
  void isBoundedForAllProcessesTogether() {
    processes(100);
    door.refuses = true;
    spans(60_000); // 120 MB, which is 1.2 MB a process
    long kept = made - refused();
    long most = SpanBatches.MOST_OF_ALL / 2000; // a span has two texts of 1,000 bytes
    assertThat(kept).as("memory grows by doubling").isBetween(most / 3, most);
    batches.flush();
    assertThat(made - refused()).isEqualTo(kept);
    door.refuses = false;
    batches.flush();
    assertThat(door.taken).hasSize((int) kept);
    spans(60_000);
    batches.flush();
    assertThat(door.taken).as("nothing is lost while they are taken").hasSize((int) kept + 60_000);
  }

  @Test
  void whatIsTakenNeedNotWaitForTheDrain() {
    processes(500);
    spans(100_000); // 200 MB, of each process less than what is handed on at once
    assertThat(refused()).isZero();
    batches.flush();
    assertThat(door.taken).hasSize(100_000);
  }

  @Test
  void fullPipelinesAreAskedOnceADrain() {
    processes(200);
    door.refuses = true;
    spans(40_000); // each process has less than what is handed on at once
    assertThat(refused()).isPositive();
    int asked = door.asked;
    spans(10_000);
    assertThat(door.asked).isEqualTo(asked);
    batches.flush();
    assertThat(door.asked).isEqualTo(asked + 200);
  }

  @Test
  void memoryOfProcessesThatAreQuietIsForOthers() {
    processes(40);
    spans(400 * 40); // 800 KB each, and the memory for it
    batches.flush();
    processes.clear();
    processes(40); // others
    door.refuses = true;
    spans(100 * 40);
    assertThat(refused()).isZero();
    door.refuses = false;
    batches.close();
    assertThat(door.taken).hasSize((int) made);
  }

  @Test
  void whatIsKeptAtTheEndIsLostAndCounted() {
    processes(3);
    door.refuses = true;
    spans(10_000);
    batches.close();
    assertThat(refused()).isEqualTo(10_000);
    assertThat(door.taken).isEmpty();
  }
}
