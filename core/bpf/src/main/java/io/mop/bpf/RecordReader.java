package io.mop.bpf;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.capture.Policies;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/** Decides what is observed and makes telemetry of it: what stands behind the ring. */
interface RecordReader extends AutoCloseable {
  /**
   * Where to say how much of a connection is wanted, and where protocols' classifiers go. Once, before the first record.
   *
   * @param policies for the ring thread
   * @param classifiers for any thread, until {@link #close} returns
   */
  default void kernel(Policies policies, Classifiers classifiers) {}

  /** What is known of a process's TLS libraries, for any thread. Once, before the first record. */
  default void tls(IntFunction<Optional<String>> libraries) {}

  /** The processes selected at the last {@link #refresh}. */
  default Set<Integer> selected() {
    return Set.of();
  }

  /**
   * One record. On the ring thread.
   *
   * @param data the ring, read only, in native byte order; valid during this call only
   * @param offset of the record's 40-byte header; its payload of {@code cap} bytes follows
   */
  void accept(ByteBuffer data, int offset);

  /**
   * The ring was read to its end, or there was nothing for a drain interval. On the ring thread.
   *
   * @param monotonicNanos CLOCK_MONOTONIC, as in the records
   */
  void drained(long monotonicNanos);

  /** Time to look for processes that the rules select: before the first record and about once a second. */
  void refresh();

  /** What it can say of processes to an operator who asks; for any thread. */
  default Optional<CaptureWhy> why() {
    return Optional.empty();
  }

  /** Nothing follows. On the ring thread, unless that never ran. */
  @Override
  void close();

  /** The processes that the kernel observes. Calls may be repeated, and come from any thread until {@link #close}. */
  interface Bits {
    /**
     * Observes a process and the children it forks from now on.
     *
     * @throws IllegalArgumentException if it is this process, or not 2 to 4194303
     */
    void set(int tgid);

    /** No longer observes a process. */
    void clear(int tgid);

    /** Those that are observed, also children that the kernel has selected as they were forked. */
    Set<Integer> all();
  }

  /** Makes the reader of one receiver. */
  interface Factory {
    /**
     * @param config says what to observe and which spans to make
     * @throws BpfException if what it asks for cannot be done
     */
    RecordReader open(EbpfPlugin.Config config, Bits bits, Context context, Receiver.Intake intake)
        throws BpfException;
  }
}
