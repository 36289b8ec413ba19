package io.mop.control;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.mop.api.plugin.Size;
import java.lang.management.ManagementFactory;

/** The memory outside the heap that this process may take; batches live in it, beside the buffers of connections. */
public final class DirectMemory {
  /** Least bound on batches: the engine takes memory in chunks of 4 MiB, and each lane needs some to make progress. */
  public static final int LEAST = 16 << 20;

  private static final long USUAL = 256 << 20;

  private DirectMemory() {}

  /** Bytes: {@code -XX:MaxDirectMemorySize}, which {@code MOP_DIRECT_MEMORY} sets, else the most the heap may have. */
  public static long limit() {
    long limit =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
    return limit == 0 ? Runtime.getRuntime().maxMemory() : limit;
  }

  /** What batches may take in this process where mop.yaml does not say {@code service.memory}. */
  public static Size forBatches() {
    return forBatches(limit());
  }

  /** Half of {@code limit} bytes, the other half being for buffers; at least {@link #LEAST}, at most 256 MiB. */
  static Size forBatches(long limit) {
    return new Size(Math.max(LEAST, Math.min(USUAL, limit / 2)));
  }
}
