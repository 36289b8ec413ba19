package io.mop.assemble;

/**
 * How a process shares its memory limit. 96 MiB are left for what the JVM needs beside heap and batches (about 50 MiB
 * of metaspace, code, stacks and symbols were measured; Netty's own buffers come on top). Of the rest 55 % are heap and
 * 35 % direct memory; batches may take 25 % of it, 1 GiB at most, and one exporter's queue three quarters of that.
 *
 * @param heap MiB
 * @param direct MiB
 * @param batches MiB, {@code service.memory}
 * @param queue MiB, {@code sending_queue.size}
 */
record Sizes(long heap, long direct, long batches, long queue) {
  private static final long OVERHEAD = 96;
  private static final long LEAST = 192;

  /** @param limit MiB, 192 or more */
  static Sizes of(long limit) {
    if (limit < LEAST) {
      throw new IllegalArgumentException("a memory limit of " + limit + " MiB, expected " + LEAST + " or more");
    }
    long rest = limit - OVERHEAD;
    long batches = Math.min(1024, rest * 25 / 100);
    return new Sizes(rest * 55 / 100, rest * 35 / 100, batches, batches * 3 / 4);
  }
}
