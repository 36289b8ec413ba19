package io.mop.bpf;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Selects by pid rules and remembers what the ring thread brings. */
final class TestReader implements RecordReader {
  private final List<EbpfPlugin.Rule> rules;
  private final Bits bits;
  final List<Integer> lengths = Collections.synchronizedList(new ArrayList<>());
  final List<String> threads = Collections.synchronizedList(new ArrayList<>());
  final AtomicInteger refused = new AtomicInteger();
  final AtomicInteger drains = new AtomicInteger();
  volatile boolean failing;
  volatile boolean closed;

  TestReader(List<EbpfPlugin.Rule> rules, Bits bits) {
    this.rules = rules;
    this.bits = bits;
  }

  @Override
  public void accept(ByteBuffer data, int offset) {
    if (closed) throw new AssertionError("after close");
    threads.add(Thread.currentThread().getName());
    boolean received = data.get(offset + 27) <= Recording.CONT && data.get(offset + 26) == Recording.RECV;
    if (failing) {
      if (received) refused.addAndGet(data.getInt(offset + 20));
      throw new IllegalStateException("made to fail");
    }
    if (received) lengths.add(data.getInt(offset + 20));
  }

  @Override
  public void drained(long monotonicNanos) {
    drains.incrementAndGet();
  }

  @Override
  public void refresh() {
    for (EbpfPlugin.Rule rule : rules) rule.pid().ifPresent(bits::set);
  }

  @Override
  public void close() {
    closed = true;
  }

  int received() {
    synchronized (lengths) {
      return lengths.stream().mapToInt(n -> n).sum();
    }
  }

  static void await(String what, BooleanSupplier condition) {
    for (long end = System.nanoTime() + 20_000_000_000L; !condition.getAsBoolean(); LockSupport.parkNanos(2_000_000)) {
      if (System.nanoTime() > end) throw new AssertionError("not within 20 s: " + what);
    }
  }
}
