package io.mop.engine;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Measures calls on the thread it belongs to. Reading the CPU clock costs ten times the allocation counter: every 8th
 * call.
 */
final class Meter {
  private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int EVERY = 8;

  private int calls;
  private long bytes;
  private long cpu;

  /** Answers the bytes that this thread has allocated since it was started. */
  long begin() {
    if (calls++ % EVERY == 0) cpu = BEAN.getCurrentThreadCpuTime();
    bytes = BEAN.getCurrentThreadAllocatedBytes();
    return bytes;
  }

  /** Books the call; answers the bytes it has allocated. */
  long end(Usage usage) {
    long allocated = BEAN.getCurrentThreadAllocatedBytes() - bytes;
    usage.calls.increment();
    usage.allocated.add(allocated);
    if ((calls - 1) % EVERY == 0) usage.cpu.add((BEAN.getCurrentThreadCpuTime() - cpu) * EVERY);
    return allocated;
  }

  /** Bytes that another thread has allocated since it was started. */
  static long allocatedBy(Thread thread) {
    return BEAN.getThreadAllocatedBytes(thread.getId());
  }
}
