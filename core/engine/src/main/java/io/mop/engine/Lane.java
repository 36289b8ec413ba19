package io.mop.engine;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A queue of jobs and the one replaceable thread that works it off. */
final class Lane {
  final int index;
  private final DataPlane plane;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<Job> jobs = new ArrayDeque<>();
  private final ArrayDeque<Runnable> between = new ArrayDeque<>();
  private volatile Graph graph = Graph.EMPTY;
  private volatile Worker worker;
  private volatile int depth;
  private boolean stopping;

  Lane(int index, DataPlane plane) {
    this.index = index;
    this.plane = plane;
  }

  void start() {
    worker = new Worker(plane, this, null);
    worker.start();
  }

  /** Jobs that wait. */
  int depth() {
    return depth;
  }

  void add(Job job) {
    lock.lock();
    try {
      jobs.add(job);
      depth = jobs.size();
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Puts a job back at the head, e.g. one that waited for its stage. */
  void addFirst(Job job) {
    lock.lock();
    try {
      jobs.addFirst(job);
      depth = jobs.size();
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code task} on the lane's thread between two batches, before any job that waits. */
  void between(Runnable task) {
    lock.lock();
    try {
      between.add(task);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  Graph graph() {
    return graph;
  }

  /** To be called on the lane's thread, or before it has started. */
  void graph(Graph next) {
    graph = next;
  }

  /** The next job; runs what is to run between batches. Null = the thread is to end. */
  Job take(Worker asking) {
    while (true) {
      Runnable task;
      lock.lock();
      try {
        while (worker == asking && between.isEmpty() && jobs.isEmpty() && !stopping) work.awaitUninterruptibly();
        if (worker != asking) return null;
        task = between.poll();
        if (task == null) {
          Job job = jobs.poll();
          depth = jobs.size();
          if (job == null || job.mark == null) return job; // null: stopping, and all is done
          task = job.mark;
        }
      } finally {
        lock.unlock();
      }
      task.run();
    }
  }

  Worker worker() {
    return worker;
  }

  /** Gives the lane to a new thread that goes on with {@code job}. */
  void replace(Worker stuck, Job job) {
    lock.lock();
    try {
      if (worker != stuck) return;
      worker = new Worker(plane, this, job);
    } finally {
      lock.unlock();
    }
    worker.start();
  }

  /** The thread ends when the queue is empty. */
  void stop() {
    lock.lock();
    try {
      stopping = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Jobs left behind by a thread that did not end. */
  Job poll() {
    lock.lock();
    try {
      jobs.removeIf(job -> job.mark != null);
      return jobs.poll();
    } finally {
      lock.unlock();
    }
  }
}
