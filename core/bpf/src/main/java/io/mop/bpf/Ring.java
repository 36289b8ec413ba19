package io.mop.bpf;

import com.sun.jna.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * Reader of a BPF ring buffer (Documentation/bpf/ringbuf.rst of Linux): its memory is mapped, and records are handed
 * over where they lie, without a copy, a callback from native code or an allocation. For one thread.
 */
final class Ring implements AutoCloseable {
  private static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;
  private static final int LENGTH = DISCARD - 1;
  private static final int RECORD_HEADER = 8;
  /** Room is given back to the kernel after so many bytes, not only at the end of a drain. */
  private static final long GIVE_BACK = 64 << 10;

  private final Libc.Mapping consumerPage;
  private final Libc.Mapping rest;
  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final ByteBuffer data;
  private final int mask;
  private final Memory pollfd = new Memory(8);
  private long position;

  /** Takes a record. */
  @FunctionalInterface
  interface Records {
    /** @param data native byte order, read only; the record at {@code offset} is valid during this call */
    void record(ByteBuffer data, int offset);
  }

  private Ring(Libc.Mapping consumerPage, Libc.Mapping rest, int fd, int bytes, int page) {
    this.consumerPage = consumerPage;
    this.rest = rest;
    consumer = consumerPage.buffer();
    ByteBuffer all = rest.buffer().asReadOnlyBuffer();
    producer = all.slice(0, page).order(ByteOrder.nativeOrder());
    // The kernel maps the data twice in a row, so that no record wraps.
    data = all.slice(page, 2 * bytes).order(ByteOrder.nativeOrder());
    mask = bytes - 1;
    position = (long) LONG.getVolatile(consumer, 0);
    pollfd.setInt(0, fd);
    pollfd.setShort(4, Libc.POLLIN);
  }

  /**
   * Maps the ring.
   *
   * @param fd of the map; stays the caller's
   * @param bytes its size: a power of two, at most 256 MiB
   */
  static Ring map(int fd, int bytes) throws BpfException {
    int page = Libc.getpagesize();
    Libc.Mapping consumerPage = Libc.map("the ring", fd, 0, page, Libc.PROT_READ | Libc.PROT_WRITE);
    try {
      Libc.Mapping rest = Libc.map("the ring's data", fd, page, page + 2L * bytes, Libc.PROT_READ);
      return new Ring(consumerPage, rest, fd, bytes, page);
    } catch (BpfException e) {
      consumerPage.unmap();
      throw e;
    }
  }

  /** Waits until the kernel calls, or records are there already, or the time is over. */
  void await(Duration atMost) {
    // An error can only be an interruption by a signal: as good as the time being over.
    Libc.poll(pollfd, 1, (int) atMost.toMillis());
  }

  /**
   * Hands over the records that are there at the time of the call.
   *
   * @return how many
   */
  int drain(Records to) {
    long end = (long) LONG.getAcquire(producer, 0);
    long given = position;
    int records = 0;
    try {
      while (position < end) {
        int at = (int) position & mask;
        int head = (int) INT.getAcquire(data, at);
        if ((head & BUSY) != 0) break; // reserved, not yet submitted
        position += ((head & LENGTH) + RECORD_HEADER + 7) & ~7L;
        if ((head & DISCARD) != 0) continue;
        records++;
        to.record(data, at + RECORD_HEADER);
        if (position - given >= GIVE_BACK) {
          given = position;
          LONG.setRelease(consumer, 0, given);
        }
      }
    } finally {
      if (position != given) LONG.setRelease(consumer, 0, position);
    }
    return records;
  }

  /** Afterwards a record's buffer is an invalid memory access: no other thread may be in {@link #drain}. */
  @Override
  public void close() {
    consumerPage.unmap();
    rest.unmap();
    pollfd.close();
  }
}
