package io.mop.engine.tap;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import io.mop.otlp.EditLog;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Lanes copy items into it, as many as the rate allows; its reader decodes and masks them in its own time. */
final class OpenSample implements Tap.Sample {
  private static final int WAITING = 1024;
  private static final long WAITING_BYTES = 8 << 20;
  private static final long SECOND = 1_000_000_000;

  private final Tap.Look look;
  private final Consumer<OpenSample> closed;
  private final BlockingQueue<Copy> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong waitingBytes = new AtomicLong();
  private final LongAdder passed = new LongAdder();
  private final AtomicLong copied = new AtomicLong();
  private volatile String ended = "";
  /** Nanoseconds of the rate that are not used up: {@link #SECOND} are worth {@code rate} items. */
  private long credit = SECOND;
  private long credited = System.nanoTime();

  /** @param after empty without a diff, and for an item that was dropped */
  private record Copy(Excerpt item, Optional<Excerpt> after, Optional<String> dropped) {
    int bytes() {
      return item.bytes() + after.map(Excerpt::bytes).orElse(0);
    }
  }

  OpenSample(Tap.Look look, Consumer<OpenSample> closed) {
    this.look = look;
    this.closed = closed;
  }

  boolean wants(String path, Signal signal) {
    return look.edge().equals(path) && look.signals().contains(signal) && ended.isEmpty();
  }

  boolean diff() {
    return look.diff();
  }

  // ---- on lanes

  void pass(Signal signal, int items, ByteBuffer wire) {
    passed.add(items);
    int count = grant(items);
    if (count == 0) return;
    try {
      for (Excerpt e : Excerpt.of(signal, wire, anywhere(items, count), count)) {
        offer(new Copy(e, Optional.empty(), Optional.empty()));
      }
    } catch (RuntimeException e) { // must not become the pipeline's
      end("a batch could not be read: " + e);
    }
  }

  /** A transform neither reorders nor repeats, so what is left of items in a row is in a row. */
  void compare(Signal signal, int items, ByteBuffer before, EditLog edits, ByteBuffer after) {
    passed.add(items);
    int count = grant(items);
    if (count == 0) return;
    try {
      int first = anywhere(items, count);
      int firstAfter = first;
      if (!edits.isEmpty()) for (int i = 0; i < first; i++) if (edits.dropped(i).isPresent()) firstAfter--;
      List<Excerpt> was = Excerpt.of(signal, before, first, count);
      List<Excerpt> is = Excerpt.of(signal, after, firstAfter, count);
      int next = 0;
      for (int i = 0; i < was.size(); i++) {
        Optional<String> dropped = edits.isEmpty() ? Optional.empty() : edits.dropped(first + i).map(r -> r.code());
        offer(new Copy(was.get(i), dropped.isPresent() ? Optional.empty() : Optional.of(is.get(next++)), dropped));
      }
    } catch (RuntimeException e) { // must not become the pipeline's
      end("a batch could not be read: " + e);
    }
  }

  /** Of a large batch any part, not always the first. */
  private static int anywhere(int items, int count) {
    return count == items ? 0 : ThreadLocalRandom.current().nextInt(items - count + 1);
  }

  /** How many of so many items may be copied now. */
  private synchronized int grant(int items) {
    long now = System.nanoTime();
    credit = Math.min(SECOND, credit + Math.min(SECOND, now - credited));
    credited = now;
    long price = SECOND / look.rate();
    int count = (int) Math.min(Math.min(items, waiting.remainingCapacity()), credit / price);
    credit -= count * price;
    return count;
  }

  private void offer(Copy copy) {
    if (waitingBytes.get() + copy.bytes() > WAITING_BYTES || !waiting.offer(copy)) return;
    waitingBytes.addAndGet(copy.bytes());
    copied.incrementAndGet();
  }

  void end(String why) {
    ended = why;
  }

  // ---- on the reader's thread

  @Override
  public Optional<Tap.Seen> next(Duration wait) throws InterruptedException {
    Copy copy = ended.isEmpty() ? waiting.poll(wait.toNanos(), TimeUnit.NANOSECONDS) : waiting.poll();
    if (copy == null) return Optional.empty();
    waitingBytes.addAndGet(-copy.bytes());
    RawItem item = ItemReader.read(copy.item);
    if (copy.after.isEmpty()) return Optional.of(new Tap.Seen(item.masked(), List.of(), copy.dropped));
    RawItem after = ItemReader.read(copy.after.get());
    return Optional.of(new Tap.Seen(after.masked(), new ArrayList<>(item.changesTo(after)), Optional.empty()));
  }

  @Override
  public long passed() {
    return passed.sum();
  }

  @Override
  public long copied() {
    return copied.get();
  }

  @Override
  public Optional<String> ended() {
    return ended.isEmpty() ? Optional.empty() : Optional.of(ended);
  }

  @Override
  public void close() {
    end("closed");
    closed.accept(this);
  }
}
