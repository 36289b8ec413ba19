package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Ack;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.pipeline.Receiver.Landing;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.api.pipeline.Receiver.Refused;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** Takes requests as an engine would, within a budget, and keeps their bytes; acknowledges, holds or refuses. */
final class FakeIntake implements Intake {
  record Request(Signal signal, byte[] bytes) {}

  final List<Request> requests = new CopyOnWriteArrayList<>();
  final Queue<Ack> held = new ConcurrentLinkedQueue<>();
  final Set<Signal> carried = EnumSet.allOf(Signal.class);
  final AtomicInteger openLandings = new AtomicInteger();
  final AtomicLong reserved = new AtomicLong();
  final AtomicLong peak = new AtomicLong();
  final List<String> faults = new CopyOnWriteArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  volatile long budget = 1L << 30;
  volatile Duration retryAfter = Duration.ofMillis(1500);
  volatile boolean hold;
  /** Hands out the same memory again and again and keeps no requests, to measure the receiver alone. */
  volatile boolean reuse;
  private final ThreadLocal<Deque<ByteBuffer>> ring = ThreadLocal.withInitial(ArrayDeque::new);
  volatile BiConsumer<Request, Ack> onSubmit = (request, ack) -> ack.safe();
  volatile String malformed = "";

  @Override
  public boolean carries(Signal signal) {
    return carried.contains(signal);
  }

  @Override
  public Landing reserve(Signal signal, int bytes, String tenant) throws Refused {
    assertThat(bytes).isPositive();
    long now = reserved.addAndGet(bytes);
    if (now > budget) {
      reserved.addAndGet(-bytes);
      throw new Refused("memory is full", retryAfter);
    }
    peak.accumulateAndGet(now, Math::max);
    openLandings.incrementAndGet();
    // Engines hand out slices of larger memory; both kinds of buffer must work.
    if (reuse) return new FakeLanding(signal, pooled(bytes));
    boolean direct = count.incrementAndGet() % 2 == 0;
    ByteBuffer slice = (direct ? ByteBuffer.allocateDirect(bytes + 8) : ByteBuffer.allocate(bytes + 8)).slice(3, bytes);
    return new FakeLanding(signal, slice);
  }

  private ByteBuffer pooled(int bytes) {
    // Fewer landings than this are open at a time in one loop.
    Deque<ByteBuffer> memory = ring.get();
    if (memory.isEmpty()) {
      for (int i = 0; i < 8; i++) memory.add(ByteBuffer.allocateDirect(4 << 20));
    }
    ByteBuffer next = memory.remove();
    memory.add(next);
    return next.slice(0, bytes);
  }

  int spans() {
    return requests.stream().mapToInt(r -> Telemetry.spans(r.bytes())).sum();
  }

  private final class FakeLanding implements Landing {
    private final Signal signal;
    private final ByteBuffer buffer;
    private final int size;
    private boolean ended;

    FakeLanding(Signal signal, ByteBuffer buffer) {
      this.signal = signal;
      this.buffer = buffer;
      size = buffer.capacity();
    }

    @Override
    public ByteBuffer buffer() {
      return buffer;
    }

    @Override
    public void submit(Ack ack) throws Malformed {
      if (reuse) {
        end();
        ack.safe();
        return;
      }
      byte[] bytes = new byte[buffer.position()];
      buffer.flip().get(bytes);
      end();
      if (!malformed.isEmpty()) throw new Malformed(malformed);
      Request request = new Request(signal, bytes);
      requests.add(request);
      if (hold) {
        held.add(ack);
      } else {
        onSubmit.accept(request, ack);
      }
    }

    @Override
    public void cancel() {
      end();
    }

    private synchronized void end() {
      if (ended) faults.add("a landing ended twice");
      ended = true;
      openLandings.decrementAndGet();
      reserved.addAndGet(-size);
    }
  }
}
