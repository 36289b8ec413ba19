package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Transform;
import io.mop.control.Topology.OnMissing;
import io.mop.otlp.EditLog;
import io.mop.otlp.ItemCursor;
import io.mop.otlp.Rewriter;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The thread of a lane: takes a job through the stages of its pipelines and hands the result to the outlets. Before
 * each call of a part it leaves a stamp; the watchdog may take a call that lasts too long away from it, and then
 * whatever the part does later has no effect: this thread finds out and ends.
 */
final class Worker implements Runnable, Watched {
  private static final int IDLE = 0;
  private static final int CALLING = 1;
  private static final int TAKEN = 2;

  private final DataPlane plane;
  private final Lane lane;
  private final Thread thread;
  private final Map<Signal, ItemCursor> cursors = new EnumMap<>(Signal.class);
  private final EditLog edits = new EditLog();

  /** Number of the call times 4, plus IDLE, CALLING or TAKEN. */
  private final AtomicLong call = new AtomicLong();

  private final Meter meter = new Meter();

  private volatile Job job;
  private volatile Unit<Transform> calling;
  private volatile long since;
  private volatile long bytesBefore;
  private final AtomicReference<WireBatch> pinned = new AtomicReference<>();

  Worker(DataPlane plane, Lane lane, Job first) {
    this.plane = plane;
    this.lane = lane;
    this.job = first;
    this.thread = new Thread(this, "mop-lane-" + lane.index);
    this.thread.setDaemon(true);
    for (Signal signal : Signal.values()) cursors.put(signal, ItemCursor.of(signal));
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
    try {
      for (Job next = job != null ? job : lane.take(this); next != null; next = lane.take(this)) {
        job = next;
        boolean mine = work(next);
        if (!mine) return;
        job = null;
      }
    } finally {
      unpin();
    }
  }

  /** False when the watchdog has taken the job away. */
  private boolean work(Job job) {
    if (job.runs.isEmpty()) {
      job.runs = lane.graph().takenBy(job.receiver, job.batch.signal);
      if (job.runs.isEmpty()) {
        job.arrived.fail(job.batch.items, "no_pipeline");
        job.batch.settlement.refuse("its pipeline was removed");
        job.batch.release();
        return true;
      }
      job.arrived.pass(job.batch.items);
      plane.taps.pass(job.arrived.path, job.batch.signal, job.batch.items, job.batch.wire());
      for (Graph.Run r : job.runs) r.account.admit(job.batch.items);
    }
    for (; job.run < job.runs.size(); job.run++, job.stage = 0, job.current = null) {
      if (job.current == null) job.current = job.batch.retain();
      Step step = stages(job);
      if (step == Step.LOST) return false;
      if (step == Step.DONE) deliver(job);
    }
    job.batch.release();
    return true;
  }

  private enum Step {
    /** Through all stages. */
    DONE,
    /** Parked or given back to the sender. */
    ENDED,
    /** The watchdog has taken the job to another thread. */
    LOST
  }

  private Step stages(Job job) {
    Graph.Run run = job.run();
    ItemCursor cursor = cursors.get(job.batch.signal);
    boolean scanned = false;
    for (; job.stage < run.stages.size(); job.stage++) {
      Graph.Stage stage = run.stages.get(job.stage);
      WireBatch in = job.current;
      if (in.items == 0) continue;
      if (stage.missing()) {
        if (run.pipeline.onMissing() == OnMissing.BYPASS) continue;
        return wait(job, stage);
      }
      if (scanned) cursor.rewind();
      else cursor.reset(run.schema, in.wire());
      scanned = true;
      edits.begin(cursor);
      Unit<Transform> unit = stage.unit().orElseThrow();
      Throwable thrown = call(unit, cursor);
      if (thrown == TAKEN_AWAY) return Step.LOST;
      if (thrown != null) {
        plane.failed(unit, thrown);
        job.stage--; // again with the same batch: the same part, or without it once it is tripped
        continue;
      }
      stage.account().admit(in.items);
      boolean edited = !edits.isEmpty();
      if (edited) {
        job.current = rewrite(in, cursor);
        edits.drops((reason, n) -> {
          stage.account().filter(n, reason.code());
          run.account.filter(n, reason.code());
        });
        scanned = false;
      }
      WireBatch out = job.current;
      plane.taps.work(stage.slot().path(), in.signal, in.items, in.wire(), edits, out.items, out.wire());
      if (edited) in.release();
      stage.account().pass(job.current.items);
    }
    return Step.DONE;
  }

  private static final Throwable TAKEN_AWAY = new Throwable("taken away", null, false, false) {
    private static final long serialVersionUID = 1;
  };

  private Throwable call(Unit<Transform> unit, ItemCursor cursor) {
    Throwable thrown = null;
    calling = unit;
    since = System.nanoTime();
    bytesBefore = meter.begin();
    long mine = (call.get() & ~3L) + 4 + CALLING;
    call.set(mine);
    plane.called();
    thread.setContextClassLoader(unit.mark);
    try {
      unit.part(lane.index).apply(cursor, edits);
    } catch (Throwable t) { // a plugin may throw anything, also LinkageErrors
      thrown = t;
    }
    long allocated = meter.end(unit.usage);
    thread.setContextClassLoader(null);
    if (!call.compareAndSet(mine, mine - CALLING + IDLE)) return TAKEN_AWAY;
    calling = null; // an idle lane must not hold a part that was taken out
    cursor.rewind();
    if (allocated > Watchdog.MOST_BYTES) plane.greedy(unit, allocated);
    return thrown;
  }

  @Override
  public Unit<?> overdue(long now, long limit) {
    long c = call.get();
    Unit<Transform> unit = calling;
    boolean over = (c & 3) == CALLING && now - since > limit;
    return over && call.get() == c ? unit : null;
  }

  @Override
  public long allocated() {
    return Meter.allocatedBy(thread) - bytesBefore;
  }

  @Override
  public boolean take(Unit<?> overdue, long limit, String why) {
    long c = call.get();
    if ((c & 3) != CALLING || calling != overdue || System.nanoTime() - since <= limit) return false;
    Job taken = job;
    pinned.set(taken.current.retain()); // the stuck call may still read it
    if (!call.compareAndSet(c, c - CALLING + TAKEN)) {
      unpin();
      return false;
    }
    edits.revoke();
    cursors.values().forEach(ItemCursor::poison);
    overdue.tripHung(why);
    lane.replace(this, taken);
    thread.interrupt();
    return true;
  }

  private void unpin() {
    WireBatch held = pinned.getAndSet(null);
    if (held != null) held.release();
  }

  private WireBatch rewrite(WireBatch in, ItemCursor cursor) {
    int bound = Rewriter.bound(cursor, edits);
    Arena.Block block = plane.arena().reserveBeyond(bound);
    ByteBuffer target = block.memory();
    int length = Rewriter.write(cursor, edits, target);
    in.settlement.retain();
    return new WireBatch(
        in.signal, in.items - edits.dropped(), in.tenant, block, target.limit() - length, length, in.settlement);
  }

  private Step wait(Job job, Graph.Stage stage) {
    WireBatch held = job.current;
    if (held.settlement.refusable()) {
      held.settlement.refuse(stage.slot().path() + " is missing");
      job.run().account.giveBack(held.items, "stage_missing");
      held.release();
    } else {
      plane.park(job.split());
    }
    return Step.ENDED;
  }

  private void deliver(Job job) {
    Graph.Run run = job.run();
    WireBatch result = job.current;
    if (result.items > 0) {
      for (Outlet outlet : run.outlets) outlet.offer(result);
    }
    run.account.pass(result.items);
    result.release();
  }
}
