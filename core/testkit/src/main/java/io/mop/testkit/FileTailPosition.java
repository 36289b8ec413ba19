package io.mop.testkit;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Up to where a file's lines are acknowledged. Stored as: magic {@code MOPT}, format version (2 bytes), writer version,
 * key (both in modified UTF-8 after 2 bytes of length), offset (8 bytes), all big-endian.
 *
 * @param key device and inode, as the file system says them
 * @param offset bytes
 */
record FileTailPosition(String key, long offset) {
  private static final int MAGIC = 0x4D4F5054;
  private static final int FORMAT = 1;
  private static final String WRITER = "1.0";

  /**
   * Empty if there is no such file.
   *
   * @throws IOException with one sentence if it holds something else
   */
  static Optional<FileTailPosition> read(Path file) throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readInt() != MAGIC) throw new IOException(file + ": expected a position, which begins with MOPT");
      int format = in.readShort();
      String writer = in.readUTF();
      if (format != FORMAT) {
        throw new IOException(file + ": expected format " + FORMAT + ", found " + format + ", written by " + writer);
      }
      return Optional.of(new FileTailPosition(in.readUTF(), in.readLong()));
    } catch (EOFException e) {
      throw new IOException(file + ": expected a position, found " + bytes.length + " bytes of one", e);
    }
  }

  /** Replaces the file in one step, after its content is on the disk: a crash leaves the old or the new one. */
  void write(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(MAGIC);
    out.writeShort(FORMAT);
    out.writeUTF(WRITER);
    out.writeUTF(key);
    out.writeLong(offset);
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try (FileChannel channel = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING)) {
      for (ByteBuffer b = ByteBuffer.wrap(bytes.toByteArray()); b.hasRemaining(); ) channel.write(b);
      channel.force(true);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
