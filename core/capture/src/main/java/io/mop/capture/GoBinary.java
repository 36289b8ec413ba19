package io.mop.capture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Predicate;

/**
 * Whether the program of a process was built by Go, which has TLS of its own: its ELF file has a section {@code
 * .go.buildinfo}. Reads the file's header, section headers and section names, at most once a process. For one thread.
 */
public final class GoBinary implements Predicate<Resource> {
  private static final byte[] SECTION = "\0.go.buildinfo\0".getBytes(StandardCharsets.US_ASCII);
  private static final int MAGIC = 0x7f454c46;
  private static final int HEADER = 64;
  private static final int MAX_SECTIONS = 1024;
  private static final int MAX_NAMES = 64 << 10;

  private final Path proc;
  private final Map<Resource, Boolean> known = new WeakHashMap<>();

  /** @param proc a proc file system, {@code /proc} */
  public GoBinary(Path proc) {
    this.proc = proc;
  }

  /** False also if the program is gone or may not be read. */
  @Override
  public boolean test(Resource process) {
    return known.computeIfAbsent(process, p -> file(proc.resolve(p.tgid() + "/exe")));
  }

  static boolean file(Path program) {
    try (FileChannel in = FileChannel.open(program)) {
      ByteBuffer names = sectionNames(in);
      for (int at = 0; at + SECTION.length <= names.limit(); at++) {
        int i = 0;
        while (i < SECTION.length && names.get(at + i) == SECTION[i]) i++;
        if (i == SECTION.length) return true;
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** The section of section names, as far as it is looked at; empty if the file is none that has it. */
  private static ByteBuffer sectionNames(FileChannel in) throws IOException {
    ByteBuffer none = ByteBuffer.allocate(0);
    ByteBuffer header = read(in, 0, HEADER);
    if (header.limit() < HEADER || header.getInt(0) != MAGIC) return none;
    boolean wide = header.get(4) == 2;
    ByteOrder order = header.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    header.order(order);
    long sections = wide ? header.getLong(40) : header.getInt(32) & 0xffffffffL;
    int counts = wide ? 58 : 46;
    int size = header.getShort(counts) & 0xffff;
    int count = header.getShort(counts + 2) & 0xffff;
    int names = header.getShort(counts + 4) & 0xffff;
    if (size < (wide ? 64 : 40) || names >= count || count > MAX_SECTIONS) return none;
    ByteBuffer section = read(in, sections + (long) names * size, size).order(order);
    if (section.limit() < size) return none;
    long offset = wide ? section.getLong(24) : section.getInt(16) & 0xffffffffL;
    long length = wide ? section.getLong(32) : section.getInt(20) & 0xffffffffL;
    return read(in, offset, (int) Math.max(0, Math.min(length, MAX_NAMES)));
  }

  /** What the file has of these bytes. */
  private static ByteBuffer read(FileChannel in, long offset, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    if (offset < 0) return target.flip();
    while (target.hasRemaining() && in.read(target, offset + target.position()) >= 0) {}
    return target.flip();
  }
}
