package io.mop.testkit;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The door of a receiver under test. It checks what comes in as the engine does, keeps it, and says what became of it
 * when the test says so: {@link #safe} or {@link #refused}.
 */
public final class TestIntake implements Receiver.Intake {
  private final List<byte[]> requests = new ArrayList<>();
  private final List<Signal> signals = new ArrayList<>();
  private final Deque<Receiver.Ack> open = new ArrayDeque<>();
  private boolean full;

  /** While true, {@link #reserve} refuses: try again after 1 s. */
  public synchronized TestIntake full(boolean full) {
    this.full = full;
    return this;
  }

  /** What was taken and not acknowledged is safe; how many requests. */
  public int safe() {
    return answer(Receiver.Ack::safe);
  }

  /** What was taken and not acknowledged has to come again after 1 s; how many requests. */
  public int refused(String why) {
    return answer(ack -> ack.refused(why, Duration.ofSeconds(1)));
  }

  private int answer(java.util.function.Consumer<Receiver.Ack> answer) {
    List<Receiver.Ack> now;
    synchronized (this) {
      now = List.copyOf(open);
      open.clear();
    }
    now.forEach(answer);
    return now.size();
  }

  /** The OTLP requests that were taken, in order, again if they came again. */
  public synchronized List<byte[]> requests() {
    return List.copyOf(requests);
  }

  /** The log records that were taken, in order: each as a span whose name is the body, at the record's time. */
  public synchronized List<TestSpan> logs() {
    return items(Signal.LOGS);
  }

  /** The spans that were taken, in order. */
  public synchronized List<TestSpan> spans() {
    return items(Signal.TRACES);
  }

  private List<TestSpan> items(Signal signal) {
    List<TestSpan> items = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      if (signals.get(i) != signal) continue;
      items.addAll(signal == Signal.LOGS ? SpanCodec.readLogs(requests.get(i)) : TestSpan.spans(requests.get(i)));
    }
    return items;
  }

  @Override
  public boolean carries(Signal signal) {
    return true;
  }

  @Override
  public synchronized Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
    if (full) throw new Receiver.Refused("full, as the test says", Duration.ofSeconds(1));
    return new Landing(signal, bytes);
  }

  private final class Landing implements Receiver.Landing {
    private final Signal signal;
    private final ByteBuffer memory;
    private boolean ended;

    Landing(Signal signal, int bytes) {
      this.signal = signal;
      memory = ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public ByteBuffer buffer() {
      return memory;
    }

    @Override
    public void submit(Receiver.Ack ack) {
      end();
      ByteBuffer wire = memory.duplicate().flip();
      WireMemory.check(signal, wire);
      byte[] request = new byte[wire.remaining()];
      wire.get(request);
      synchronized (TestIntake.this) {
        requests.add(request);
        signals.add(signal);
        open.add(ack);
      }
    }

    @Override
    public void cancel() {
      end();
    }

    private void end() {
      if (ended) throw new IllegalStateException("this landing was submitted or cancelled before");
      ended = true;
    }
  }
}
