package io.mop.engine;

import io.mop.control.ConfigError;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The one thread on which everything that runs is changed. */
final class ControlThread {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  private volatile Thread thread;
  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1,
          r -> {
            Thread t = new Thread(r, "mop-control");
            t.setDaemon(true);
            thread = t;
            return t;
          });

  private volatile long beat = System.nanoTime();

  ControlThread() {
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    executor.scheduleWithFixedDelay(() -> beat = System.nanoTime(), 0, 1, TimeUnit.SECONDS);
  }

  /** About a second at most, unless a task takes longer or hangs. */
  Duration sinceBeat() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - beat));
  }

  ScheduledExecutorService timer() {
    return executor;
  }

  void after(Duration wait, Runnable task) {
    try {
      executor.schedule(() -> guarded(task), wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "too late: MOP has stopped", e);
    }
  }

  void execute(Runnable task) {
    try {
      executor.execute(() -> guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "too late: MOP has stopped", e);
    }
  }

  private static void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | LinkageError e) {
      LOG.log(System.Logger.Level.ERROR, "the control thread failed at a task and goes on", e);
    }
  }

  /** Waits at most {@code limit} for the end of {@code task}; not at all when asked from the control thread itself. */
  void runAndWait(Runnable task, Duration limit) {
    if (Thread.currentThread() == thread) {
      execute(task);
      return;
    }
    try {
      Future<?> done = executor.submit(() -> guarded(task));
      done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.log(System.Logger.Level.WARNING, "a plugin change takes longer than " + limit.toMillis() + " ms");
    } catch (ExecutionException | RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "a plugin change came too late", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  <T> T call(Callable<T> work) throws ConfigError {
    try {
      return executor.submit(work).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConfigError c) throw c;
      if (e.getCause() instanceof RuntimeException r) throw r;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  void stop() {
    executor.shutdown();
  }
}
