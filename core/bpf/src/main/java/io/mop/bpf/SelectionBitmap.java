package io.mop.bpf;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.TreeSet;

/**
 * The processes that the kernel observes: one bit for each thread group id of the initial pid namespace, in memory
 * shared with the programs, which set and clear bits too as selected processes fork and exit. An empty map selects
 * nothing. For any thread.
 */
final class SelectionBitmap implements RecordReader.Bits, AutoCloseable {
  /** PID_MAX_LIMIT of 64-bit kernels. */
  static final int TGIDS = 1 << 22;
  static final int BYTES = TGIDS / 8;
  private static final int PAGE = 4096;
  private static final ByteBuffer EMPTY = ByteBuffer.allocateDirect(PAGE);
  private static final VarHandle WORD = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Libc.Mapping mapping;
  private final ByteBuffer words;
  private final int self;
  private boolean closed;

  private SelectionBitmap(Libc.Mapping mapping, int self) {
    this.mapping = mapping;
    this.words = mapping.buffer();
    this.self = self;
  }

  /**
   * @param fd of the map; stays the caller's
   * @param self thread group of this process
   */
  static SelectionBitmap map(int fd, int self) throws BpfException {
    int protection = Libc.PROT_READ | Libc.PROT_WRITE;
    return new SelectionBitmap(Libc.map("the selection", fd, 0, BYTES, protection), self);
  }

  /**
   * Whether a process can be selected: not this one, which would observe its own observing, and not 1: as children are
   * followed, that would select every service started later.
   */
  boolean selectable(int tgid) {
    return tgid > 1 && tgid < TGIDS && tgid != self;
  }

  /**
   * Observe a process and the children it forks from now on.
   *
   * @throws IllegalArgumentException if it is not {@link #selectable}
   */
  @Override
  public synchronized void set(int tgid) {
    if (!selectable(tgid)) {
      String why = tgid == self ? "it is this process" : "expected 2 to " + (TGIDS - 1);
      throw new IllegalArgumentException("process " + tgid + " cannot be observed: " + why);
    }
    if (!closed) WORD.getAndBitwiseOr(words, offset(tgid), bit(tgid));
  }

  /** No longer observe a process; its children that are selected stay so. */
  @Override
  public synchronized void clear(int tgid) {
    if (!closed && selectable(tgid)) WORD.getAndBitwiseAnd(words, offset(tgid), ~bit(tgid));
  }

  synchronized boolean contains(int tgid) {
    return !closed && selectable(tgid) && ((long) WORD.getVolatile(words, offset(tgid)) & bit(tgid)) != 0;
  }

  @Override
  public synchronized Set<Integer> all() {
    Set<Integer> all = new TreeSet<>();
    for (int page = 0; !closed && page < BYTES; page += PAGE) {
      if (words.slice(page, PAGE).mismatch(EMPTY) >= 0) add(page, all); // most are empty: compared at once
    }
    return all;
  }

  private void add(int page, Set<Integer> all) {
    for (int at = page; at < page + PAGE; at += Long.BYTES) {
      for (long word = (long) WORD.getVolatile(words, at); word != 0; word &= word - 1) {
        all.add(at * Byte.SIZE + Long.numberOfTrailingZeros(word));
      }
    }
  }

  private static int offset(int tgid) {
    return tgid / Long.SIZE * Long.BYTES;
  }

  private static long bit(int tgid) {
    return 1L << tgid;
  }

  /** Later calls have no effect: the memory is gone, and touching it would end the process. */
  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    mapping.unmap();
  }
}
