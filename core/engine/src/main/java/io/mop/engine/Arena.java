package io.mop.engine;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Off-heap memory for the bytes of batches: chunks of 4 MiB, filled one after the other and free again when the last
 * block in them is released. A block larger than a chunk gets one of its own. The limit holds for the sum of all chunks
 * in use, so what the engine holds is bounded in bytes by construction.
 */
final class Arena {
  /** Bytes of one chunk. */
  static final int CHUNK = 4 << 20;

  /** Largest block, in bytes. */
  static final int LARGEST = 32 << 20;

  private volatile long limit;
  private final int aside;
  private final Runnable pressed;
  private final ArrayDeque<Chunk> free = new ArrayDeque<>();
  private Chunk current;
  private long used;

  /**
   * @param limit bytes
   * @param lanes chunks kept aside, so that lanes can finish what they hold even if the process runs out of direct
   *     memory
   * @param pressed is told when more is taken and {@link #part} is above {@link Pressure#HIGH}
   */
  Arena(long limit, int lanes, Runnable pressed) {
    this.limit = limit;
    this.pressed = pressed;
    this.aside = lanes + 1;
    for (int i = 0; i < aside; i++) free.push(new Chunk(ByteBuffer.allocateDirect(CHUNK)));
  }

  /** Room for {@code bytes} bytes, or empty when the limit is reached. */
  Optional<Block> reserve(int bytes) {
    return Optional.ofNullable(take(bytes, false));
  }

  /** Room for what a lane writes while it holds its input: may exceed the limit, by one batch a lane at most. */
  Block reserveBeyond(int bytes) {
    return take(bytes, true);
  }

  private synchronized Block take(int bytes, boolean beyond) {
    if (bytes < 0 || bytes > LARGEST && !beyond) throw new IllegalArgumentException("a block of " + bytes + " bytes");
    if (bytes > CHUNK) {
      if (used + bytes > limit && !beyond) return null;
      ByteBuffer memory = allocate(bytes);
      if (memory == null && !beyond) return null;
      if (memory == null) throw new OutOfMemoryError("no direct memory for a batch of " + bytes + " bytes");
      Chunk own = new Chunk(memory);
      use(bytes);
      own.blocks = 1;
      return new Block(own, own.memory.slice(0, bytes));
    }
    if (current == null || current.memory.capacity() - current.filled < bytes) {
      if (used + CHUNK > limit && !beyond) return null;
      Chunk fresh = fresh(beyond);
      if (fresh == null) return null;
      Chunk full = current;
      current = fresh;
      use(CHUNK);
      current.blocks = 1; // the arena itself, while blocks can be added
      if (full != null) release(full);
    }
    ByteBuffer slice = current.memory.slice(current.filled, bytes);
    current.filled += (bytes + 7) & ~7;
    current.filled = Math.min(current.filled, CHUNK);
    current.blocks++;
    return new Block(current, slice);
  }

  private void use(int bytes) {
    used += bytes;
    if (part() > Pressure.HIGH) pressed.run();
  }

  private synchronized void trim(Chunk chunk, int end, int length, int unused) {
    if (chunk == current && end == chunk.filled) chunk.filled -= (length + 7 & ~7) - (length - unused + 7 & ~7);
  }

  private Chunk fresh(boolean beyond) {
    if (free.size() > aside) return free.pop();
    ByteBuffer memory = allocate(CHUNK);
    if (memory != null) return new Chunk(memory);
    if (!beyond) return null;
    if (free.isEmpty()) throw new OutOfMemoryError("no direct memory for a batch");
    return free.pop();
  }

  private synchronized void release(Chunk chunk) {
    if (--chunk.blocks == 1 && chunk == current) {
      chunk.filled = 0; // nothing but the arena holds it: start over
    } else if (chunk.blocks == 0) {
      used -= chunk.memory.capacity();
      chunk.filled = 0;
      if (chunk.memory.capacity() == CHUNK) free.push(chunk);
    }
  }

  synchronized long used() {
    return used;
  }

  /** Bytes that can still be reserved in chunks: those that may be taken, and what is left of the current one. */
  synchronized long free() {
    return Math.max(0, limit - used) / CHUNK * CHUNK + (current == null ? 0 : CHUNK - current.filled);
  }

  long limit() {
    return limit;
  }

  /** How much of the limit is used, 0 to 1, without the chunk that is always at hand. */
  double part() {
    long most = limit;
    return most <= CHUNK ? 0 : (double) Math.max(0, used() - CHUNK) / (most - CHUNK);
  }

  /** Holds from now on; under a lower one nothing new is taken until so much is free, and free memory is given back. */
  synchronized void limit(long bytes) {
    limit = bytes;
    while (free.size() > aside && used + (long) free.size() * CHUNK > limit) free.pop();
  }

  /** Null where the process has no more direct memory: somebody else has taken it. */
  private static ByteBuffer allocate(int bytes) {
    try {
      return ByteBuffer.allocateDirect(bytes);
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  private static final class Chunk {
    final ByteBuffer memory;
    int filled;
    int blocks;

    Chunk(ByteBuffer memory) {
      this.memory = memory;
    }
  }

  /** Counted memory; made with one reference. */
  final class Block {
    private final Chunk chunk;
    private final ByteBuffer memory;
    private final AtomicInteger references = new AtomicInteger(1);

    private final int end;

    private Block(Chunk chunk, ByteBuffer memory) {
      this.chunk = chunk;
      this.memory = memory;
      this.end = chunk.filled;
    }

    /** Position 0 to limit; written before the block is shared, read only after. */
    ByteBuffer memory() {
      return memory;
    }

    /** Gives back what lies beyond the first {@code length} bytes, if nothing was reserved after it. */
    void trim(int length) {
      Arena.this.trim(chunk, end, memory.capacity(), memory.capacity() - length);
    }

    void release() {
      int left = references.decrementAndGet();
      if (left < 0) throw new IllegalStateException("block released twice");
      if (left == 0) Arena.this.release(chunk);
    }
  }
}
