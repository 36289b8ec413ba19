package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An exporter's sending queue in memory: holds batches until the exporter has said what became of them, sends up to
 * {@code consumers} at one time, and tries again with a back-off that doubles, until it succeeds or {@code
 * maxElapsed}. One thread; exporters may answer from any.
 */
final class Outlet {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  /** Requests that wait are sent as one up to this many bytes: OTLP requests are concatenated, not encoded anew. */
  private static final int MERGED = 1 << 20;

  final Slot<Exporter> slot;
  private final DataPlane plane;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();
  private final Set<Answer> outstanding = ConcurrentHashMap.newKeySet();
  private final Meter meter = new Meter();
  private long heldBytes;
  private int inFlight;
  private boolean stopping;
  private Thread thread;

  Outlet(Slot<Exporter> slot, DataPlane plane) {
    this.slot = slot;
    this.plane = plane;
  }

  private Account account(Signal signal) {
    return plane.account(slot.path(), signal);
  }

  private Topology.Queue settings() {
    return slot.component().queue().orElse(Topology.Queue.DEFAULT);
  }

  void start() {
    thread = new Thread(this::run, "mop-" + slot.path());
    thread.setDaemon(true);
    thread.start();
  }

  /** False while it holds as much as it may: receivers are refused. */
  boolean room() {
    lock.lock();
    try {
      return heldBytes < settings().size().bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a reference of its own. Never refuses: {@link #room} is asked at the entry. */
  void offer(WireBatch batch) {
    account(batch.signal).admit(batch.items);
    plane.taps.pass(slot.path(), batch.signal, batch.items, batch.wire());
    lock.lock();
    try {
      waiting.add(new Delivery(batch.retain()));
      heldBytes += batch.bytes();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (true) {
      Delivery next = next();
      if (next == null) return;
      next.send();
    }
  }

  /** The next delivery that is due, with a free consumer and an exporter; null = stopped. */
  private Delivery next() {
    lock.lock();
    try {
      while (!stopping) {
        long wait = Long.MAX_VALUE;
        if (inFlight < settings().consumers() && slot.unit().isPresent()) {
          long now = System.nanoTime();
          for (Iterator<Delivery> i = waiting.iterator(); i.hasNext(); ) {
            Delivery d = i.next();
            if (d.due - now <= 0) {
              i.remove();
              inFlight++;
              merge(d);
              return d;
            }
            wait = Math.min(wait, d.due - now);
          }
        }
        changed.awaitNanos(Math.min(wait, TimeUnit.SECONDS.toNanos(60)));
      }
      return null;
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Takes what waits behind {@code first} along, as far as it is of its kind and not tried yet. */
  private void merge(Delivery first) {
    int bytes = first.batch.bytes();
    int more = 0;
    for (Delivery d : waiting) {
      if (!d.joins(first) || bytes + d.batch.bytes() > MERGED) break;
      bytes += d.batch.bytes();
      more++;
    }
    Arena.Block block = more == 0 ? null : plane.arena().reserve(bytes).orElse(null);
    if (block == null) return;
    List<WireBatch> parts = new ArrayList<>();
    parts.add(first.batch);
    for (; more > 0; more--) parts.add(waiting.poll().batch);
    first.batch = WireBatch.concatenate(parts, block);
  }

  /** The exporter has changed: wakes the queue. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing is held, at most {@code limit}; then gives up what is left, counted as failed. */
  void drain(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      while (!waiting.isEmpty() || inFlight > 0) {
        long left = end - System.nanoTime();
        if (left <= 0) break;
        changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stopping = true;
      changed.signalAll();
      lock.unlock();
    }
    for (Delivery d = waiting.poll(); d != null; d = waiting.poll()) d.end("shutdown");
  }

  /** Waits until {@code old} has answered all it was given, at most {@code limit}. */
  void leave(Unit<Exporter> old, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    lock.lock();
    try {
      for (long left = limit.toNanos(); owes(old) && left > 0; left = end - System.nanoTime()) changed.awaitNanos(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private boolean owes(Unit<Exporter> old) {
    return outstanding.stream().anyMatch(a -> a.unit == old);
  }

  /** What {@code old} has not answered is sent again; answers that come later are ignored. */
  void revoke(Unit<Exporter> old) {
    for (Answer a : outstanding) if (a.unit == old) a.retry("the exporter was replaced", Duration.ZERO);
  }

  private final class Delivery {
    WireBatch batch;
    final long began = System.nanoTime();
    long due = began;
    int attempts;

    Delivery(WireBatch batch) {
      this.batch = batch;
    }

    boolean joins(Delivery first) {
      return attempts == 0
          && first.attempts == 0
          && batch.signal == first.batch.signal
          && batch.tenant.equals(first.batch.tenant);
    }

    void send() {
      attempts++;
      Unit<Exporter> unit = slot.unit().orElse(null);
      Answer answer = new Answer(this, unit);
      if (unit == null) {
        answer.retry("the exporter is missing", Duration.ZERO);
        return;
      }
      outstanding.add(answer);
      Thread.currentThread().setContextClassLoader(unit.mark);
      meter.begin();
      try {
        unit.part(0).export(batch.view(unit.schema), answer);
      } catch (Throwable t) { // a plugin may throw anything, also LinkageErrors
        answer.retry(t.toString(), Duration.ZERO);
        plane.failed(unit, t);
      }
      meter.end(unit.usage);
      Thread.currentThread().setContextClassLoader(null);
    }

    /** Off the books: nothing more will be tried. Empty = delivered. */
    void end(String failure) {
      Account account = account(batch.signal);
      if (failure.isEmpty()) account.pass(batch.items);
      else account.fail(batch.items, failure);
      release();
    }

    void release() {
      lock.lock();
      try {
        heldBytes -= batch.bytes();
      } finally {
        lock.unlock();
      }
      batch.release();
    }
  }

  /** One answer to one attempt; further ones are ignored. */
  private final class Answer implements Exporter.Outcome {
    private final Delivery delivery;
    private final AtomicBoolean given = new AtomicBoolean();

    private final Unit<Exporter> unit;

    Answer(Delivery delivery, Unit<Exporter> unit) {
      this.delivery = delivery;
      this.unit = unit;
    }

    @Override
    public void delivered() {
      if (!given.compareAndSet(false, true)) return;
      slot.health.good();
      delivery.end("");
      returned();
    }

    @Override
    public void partly(int rejected, String why) {
      if (!given.compareAndSet(false, true)) return;
      int lost = Math.max(0, Math.min(rejected, delivery.batch.items));
      if (lost > 0) report("the peer rejected " + lost + " items: " + why);
      Account account = account(delivery.batch.signal);
      account.fail(lost, "rejected");
      account.pass(delivery.batch.items - lost);
      delivery.release();
      returned();
    }

    @Override
    public void rejected(String why) {
      if (!given.compareAndSet(false, true)) return;
      report("the peer rejected a batch of " + delivery.batch.items + " items: " + why);
      delivery.end("rejected");
      returned();
    }

    @Override
    public void retry(String why, Duration after) {
      if (!given.compareAndSet(false, true)) return;
      report(why);
      long elapsed = System.nanoTime() - delivery.began;
      if (!settings().maxElapsed().isZero() && elapsed > settings().maxElapsed().toNanos()) {
        delivery.end("retries_exhausted");
        returned();
        return;
      }
      lock.lock();
      try {
        delivery.due = System.nanoTime() + Math.max(after.toNanos(), backOff(delivery.attempts));
        if (stopping) {
          lock.unlock();
          try {
            delivery.end("shutdown");
          } finally {
            lock.lock();
          }
        } else {
          waiting.addFirst(delivery);
        }
      } finally {
        lock.unlock();
      }
      returned();
    }

    private void report(String why) {
      if (slot.health.bad(why)) LOG.log(System.Logger.Level.WARNING, slot.path() + ": " + why);
    }

    private void returned() {
      outstanding.remove(this);
      lock.lock();
      try {
        inFlight--;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Doubles from the initial interval up to the longest, ±20 % so that senders do not march in step. */
  private long backOff(int attempts) {
    long base = settings().initialInterval().toNanos();
    long longest = settings().maxInterval().toNanos();
    long nanos = Math.min(longest, base << Math.min(attempts - 1, 20));
    return (long) (nanos * ThreadLocalRandom.current().nextDouble(0.8, 1.2));
  }
}
