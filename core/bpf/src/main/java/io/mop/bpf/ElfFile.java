package io.mop.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A program or library of x86-64: its build id, the functions that it exports, and their code. Reads only what it is
 * asked for, within bounds, whatever the file says.
 */
final class ElfFile implements AutoCloseable {
  private static final int HEADER = 64;
  private static final int MAGIC = 0x464c457f;
  private static final int X86_64 = 62;
  private static final int SEGMENT = 56;
  private static final int SECTION = 64;
  private static final int SYMBOL = 24;
  private static final int LOAD = 1;
  private static final int NOTE = 4;
  private static final int EXECUTABLE = 1;
  private static final int DYNSYM = 11;
  private static final int FUNCTION = 2;
  private static final int BUILD_ID = 3;
  private static final byte[] GNU = {'G', 'N', 'U', 0};
  private static final int MAX_HEADERS = 1024;
  private static final int MAX_NOTES = 4096;
  private static final int MAX_SYMBOLS = 8 << 20;
  private static final int MAX_NAMES = 16 << 20;

  private final FileChannel in;
  private final ByteBuffer header;
  private final List<Segment> segments = new ArrayList<>();

  private record Segment(int type, int flags, long offset, long address, long size) {
    boolean holds(long at) {
      return type == LOAD && (flags & EXECUTABLE) != 0 && at >= address && at - address < size;
    }
  }

  private ElfFile(FileChannel in) throws IOException {
    this.in = in;
    header = read(0, HEADER);
    boolean wide = header.limit() == HEADER && header.getInt(0) == MAGIC && header.get(4) == 2 && header.get(5) == 1;
    if (!wide || header.getShort(18) != X86_64) throw new IOException("it is no program of x86-64");
    ByteBuffer table = table(header.getLong(32), header.getShort(54), header.getShort(56), SEGMENT);
    for (int at = 0; at + SEGMENT <= table.limit(); at += SEGMENT) {
      segments.add(
          new Segment(table.getInt(at), table.getInt(at + 4), table.getLong(at + 8), table.getLong(at + 16),
              table.getLong(at + 32)));
    }
  }

  static ElfFile open(Path file) throws IOException {
    FileChannel in = FileChannel.open(file);
    try {
      return new ElfFile(in);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private ByteBuffer table(long offset, short size, short count, int expected) throws IOException {
    int n = Math.min(count & 0xffff, MAX_HEADERS);
    return size == expected ? read(offset, n * expected) : read(0, 0);
  }

  /** In hexadecimal digits; empty if the file has none. */
  Optional<String> buildId() throws IOException {
    for (Segment s : segments) {
      if (s.type != NOTE) continue;
      ByteBuffer notes = read(s.offset, (int) Math.max(0, Math.min(s.size, MAX_NOTES)));
      for (int at = 0; at + 12 <= notes.limit(); ) {
        int name = notes.getInt(at);
        int length = notes.getInt(at + 4);
        int data = at + 12 + (name + 3 & ~3);
        if (name < 0 || length < 0 || data < at || length > notes.limit() - data) break;
        if (notes.getInt(at + 8) == BUILD_ID && name == GNU.length && equal(notes, at + 12, GNU)) {
          byte[] id = new byte[length];
          notes.get(data, id);
          return Optional.of(HexFormat.of().formatHex(id));
        }
        at = data + (length + 3 & ~3);
      }
    }
    return Optional.empty();
  }

  /** Addresses of those of the functions that the file exports. */
  Map<String, Long> exported(Set<String> functions) throws IOException {
    Map<String, Long> found = new HashMap<>();
    ByteBuffer sections = table(header.getLong(40), header.getShort(58), header.getShort(60), SECTION);
    for (int at = 0; at + SECTION <= sections.limit(); at += SECTION) {
      if (sections.getInt(at + 4) != DYNSYM) continue;
      int names = sections.getInt(at + 40);
      if (names < 0 || names >= sections.limit() / SECTION) continue;
      ByteBuffer symbols = section(sections, at, MAX_SYMBOLS);
      ByteBuffer strings = section(sections, names * SECTION, MAX_NAMES);
      for (String f : functions) find(f, symbols, strings, found);
    }
    return found;
  }

  private ByteBuffer section(ByteBuffer sections, int at, int most) throws IOException {
    return read(sections.getLong(at + 24), (int) Math.max(0, Math.min(sections.getLong(at + 32), most)));
  }

  private static void find(String function, ByteBuffer symbols, ByteBuffer strings, Map<String, Long> found) {
    byte[] name = (function + '\0').getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at + SYMBOL <= symbols.limit(); at += SYMBOL) {
      boolean defined = (symbols.get(at + 4) & 0xf) == FUNCTION && symbols.getShort(at + 6) != 0;
      if (defined && equal(strings, symbols.getInt(at), name)) found.put(function, symbols.getLong(at + 8));
    }
  }

  private static boolean equal(ByteBuffer in, int at, byte[] expected) {
    if (at < 0 || at > in.limit() - expected.length) return false;
    for (int i = 0; i < expected.length; i++) if (in.get(at + i) != expected[i]) return false;
    return true;
  }

  /** Where in the file the code of an address is; empty if there is none. */
  Optional<Long> offset(long address) {
    return segments.stream().filter(s -> s.holds(address)).findFirst().map(s -> address - s.address + s.offset);
  }

  /** Up to {@code length} bytes of code; fewer at the end of the segment, none outside of the code. */
  byte[] code(long address, int length) throws IOException {
    Optional<Segment> segment = segments.stream().filter(s -> s.holds(address)).findFirst();
    if (segment.isEmpty()) return new byte[0];
    Segment s = segment.get();
    ByteBuffer code = read(address - s.address + s.offset, (int) Math.min(length, s.size - (address - s.address)));
    byte[] bytes = new byte[code.limit()];
    code.get(bytes);
    return bytes;
  }

  /** What the file has of these bytes. */
  private ByteBuffer read(long offset, int length) throws IOException {
    long there = offset < 0 ? 0 : Math.max(0, Math.min(length, in.size() - offset));
    ByteBuffer target = ByteBuffer.allocate((int) there).order(ByteOrder.LITTLE_ENDIAN);
    while (target.hasRemaining() && in.read(target, offset + target.position()) >= 0) {}
    return target.flip();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
