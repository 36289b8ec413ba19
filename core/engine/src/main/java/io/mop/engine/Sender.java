package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The thread of an outlet that calls its exporter. The watchdog may take a call that does not return away from it: the
 * batch is sent again, another thread goes on, and this one ends when the call returns.
 */
final class Sender implements Runnable, Watched {
  private final Outlet outlet;
  private final Thread thread;
  private final Meter meter = new Meter();
  private volatile Call call;

  /** @param ended by whoever comes first: the return of the call, or the watchdog */
  private record Call(Unit<Exporter> unit, Exporter.Outcome answer, long since, AtomicBoolean ended) {}

  Sender(Outlet outlet) {
    this.outlet = outlet;
    this.thread = new Thread(this, "mop-" + outlet.slot.path());
    this.thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  @Override
  public Thread thread() {
    return thread;
  }

  @Override
  public void run() {
    outlet.work(this);
  }

  /** Calls {@code unit} with {@code batch}; what it threw, unless the call was taken away meanwhile. */
  Optional<Throwable> export(Unit<Exporter> unit, WireBatch batch, Exporter.Outcome answer) {
    Throwable thrown = null;
    Call mine = new Call(unit, answer, System.nanoTime(), new AtomicBoolean());
    batch.retain(); // also a call that does not return, or answers first, may read it to its end
    call = mine;
    outlet.called();
    thread.setContextClassLoader(unit.mark);
    meter.begin();
    try {
      unit.part(0).export(batch.view(unit.schema), answer);
    } catch (Throwable t) { // a plugin may throw anything, also LinkageErrors
      thrown = t;
    }
    meter.end(unit.usage);
    thread.setContextClassLoader(null);
    call = null; // an idle thread must not hold a part that was replaced
    batch.release();
    boolean taken = !mine.ended.compareAndSet(false, true);
    return taken ? Optional.empty() : Optional.ofNullable(thrown);
  }

  @Override
  public Unit<?> overdue(long now, long limit) {
    Call c = call;
    return c != null && !c.ended.get() && now - c.since > limit ? c.unit : null;
  }

  @Override
  public long allocated() {
    return 0;
  }

  @Override
  public boolean take(Unit<?> overdue, long limit, String why) {
    Call c = call;
    if (c == null || c.unit != overdue || System.nanoTime() - c.since <= limit) return false;
    if (!c.ended.compareAndSet(false, true)) return false;
    overdue.tripHung(why);
    outlet.replace(this);
    c.answer.retry(why, Duration.ZERO);
    thread.interrupt();
    return true;
  }
}
