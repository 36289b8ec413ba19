package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.control.Topology;
import io.mop.control.Vitals;
import java.time.Duration;
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
 * maxElapsed}. One thread, which is replaced when a call does not return; exporters may answer from any.
 */
final class Outlet {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  final Slot<Exporter> slot;
  private final DataPlane plane;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Backlog backlog = new Backlog();
  private final Set<Answer> outstanding = ConcurrentHashMap.newKeySet();
  private long heldBytes;
  private int inFlight;
  private boolean draining;
  private boolean stopping;
  /** Why what is left counts as failed; set with {@link #stopping}. */
  private volatile String end = "shutdown";
  private volatile Sender sender;

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
    sender = new Sender(this);
    sender.start();
    plane.watch(this);
  }

  Sender sender() {
    return sender;
  }

  /** A call of the exporter has left its stamp. */
  void called() {
    plane.called();
  }

  /** A new thread goes on: the one before does not return from a call. */
  void replace(Sender stuck) {
    lock.lock();
    try {
      if (sender != stuck) return;
      sender = new Sender(this);
    } finally {
      lock.unlock();
    }
    sender.start();
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

  /** How full it is: 1 and more = no {@link #room}. */
  double part() {
    lock.lock();
    try {
      return (double) heldBytes / settings().size().bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes held, and how many it may. */
  Vitals.Queue read() {
    lock.lock();
    try {
      return new Vitals.Queue(slot.path(), heldBytes, settings().size().bytes());
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
      if (stopping) {
        account(batch.signal).fail(batch.items, end);
        return;
      }
      backlog.add(new Delivery(batch.retain(), System.nanoTime()));
      heldBytes += batch.bytes();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (part() > Pressure.HIGH) plane.pressed();
  }

  /** On the thread of {@code mine}, until the queue is stopped or another thread has taken its place. */
  void work(Sender mine) {
    for (List<Delivery> next = next(mine); !next.isEmpty(); next = next(mine)) send(merge(next), mine);
  }

  /** What is to be sent as one, with a free consumer and an exporter; empty = this thread is to end. */
  private List<Delivery> next(Sender asking) {
    lock.lock();
    try {
      while (!stopping && sender == asking) {
        long wait = TimeUnit.SECONDS.toNanos(60);
        if (inFlight < settings().consumers() && slot.unit().filter(u -> !u.tripped()).isPresent()) {
          long now = System.nanoTime();
          // a full queue would wait in vain: its senders are refused
          boolean atOnce = draining || heldBytes >= settings().size().bytes();
          List<Delivery> next = backlog.take(settings().batch(), atOnce, now);
          if (!next.isEmpty()) {
            inFlight++;
            return next;
          }
          wait = Math.min(wait, backlog.left(settings().batch(), now));
        }
        changed.awaitNanos(wait);
      }
      return List.of();
    } catch (InterruptedException e) {
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** One delivery of all, as OTLP requests can be concatenated; the first one alone if there is no memory for that. */
  private Delivery merge(List<Delivery> deliveries) {
    Delivery first = deliveries.get(0);
    if (deliveries.size() == 1) return first;
    int bytes = deliveries.stream().mapToInt(d -> d.batch.bytes()).sum();
    Arena.Block block = plane.arena().reserve(bytes).orElse(null);
    if (block == null) {
      lock.lock();
      try {
        backlog.putBack(deliveries.subList(1, deliveries.size()));
      } finally {
        lock.unlock();
      }
      return first;
    }
    first.batch = WireBatch.concatenate(deliveries.stream().map(d -> d.batch).toList(), block);
    return first;
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

  /**
   * Sends at once, waits until nothing is held, at most {@code limit}, and gives up what is left, counted as failed for
   * {@code reason}.
   */
  void drain(Duration limit, String reason) {
    long last = System.nanoTime() + limit.toNanos();
    List<Delivery> left = List.of();
    lock.lock();
    try {
      draining = true;
      changed.signalAll();
      while (!backlog.isEmpty() || inFlight > 0) {
        long nanos = last - System.nanoTime();
        if (nanos <= 0) break;
        changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (!stopping) end = reason;
      stopping = true;
      left = backlog.clear();
      changed.signalAll();
      lock.unlock();
    }
    plane.unwatch(this);
    for (Delivery d : left) end(d, end);
  }

  /** The end of its exporter, after {@link #drain}: what it has not answered counts as failed too. */
  void close() {
    slot.unit().ifPresent(unit -> {
      unit.close();
      revoke(unit);
    });
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

  private void send(Delivery d, Sender by) {
    d.attempts++;
    Unit<Exporter> unit = slot.unit().orElse(null);
    Answer answer = new Answer(d, unit);
    if (unit == null) {
      answer.retry("the exporter is missing", Duration.ZERO);
      return;
    }
    outstanding.add(answer);
    by.export(unit, d.batch, answer).ifPresent(thrown -> {
      answer.retry(thrown.toString(), Duration.ZERO);
      plane.failed(unit, thrown);
    });
  }

  /** Off the books: nothing more will be tried. Empty = delivered. */
  private void end(Delivery d, String failure) {
    Account account = account(d.batch.signal);
    if (failure.isEmpty()) account.pass(d.batch.items);
    else account.fail(d.batch.items, failure);
    release(d);
  }

  private void release(Delivery d) {
    lock.lock();
    try {
      heldBytes -= d.batch.bytes();
    } finally {
      lock.unlock();
    }
    d.batch.release();
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
      end(delivery, "");
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
      release(delivery);
      returned();
    }

    @Override
    public void rejected(String why) {
      if (!given.compareAndSet(false, true)) return;
      report("the peer rejected a batch of " + delivery.batch.items + " items: " + why);
      end(delivery, "rejected");
      returned();
    }

    @Override
    public void retry(String why, Duration after) {
      if (!given.compareAndSet(false, true)) return;
      report(why);
      long elapsed = System.nanoTime() - delivery.began;
      if (!settings().maxElapsed().isZero() && elapsed > settings().maxElapsed().toNanos()) {
        end(delivery, "retries_exhausted");
        returned();
        return;
      }
      lock.lock();
      try {
        delivery.due = System.nanoTime() + Math.max(after.toNanos(), backOff(delivery.attempts));
        if (stopping) {
          lock.unlock();
          try {
            end(delivery, end);
          } finally {
            lock.lock();
          }
        } else {
          backlog.addTried(delivery);
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
