package io.mop.capture;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes a {@link Recording}, up to a size, into a file of its own that only its owner may read. */
final class RecordingWriter implements Closeable {
  /** The frame at the end fits in all the same. */
  private static final int END_LENGTH = 5;
  private static final int MAX_NAME = 255;

  private final FileChannel channel;
  private final DataOutputStream out;
  private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
  private final DataOutputStream in = new DataOutputStream(frame);
  private final long maxSize;
  private long start = Long.MIN_VALUE;
  private boolean full;

  /**
   * @param version of this MOP
   * @param unixNanos now
   * @param maxSize in bytes; what does not fit is left out, and all after it
   * @throws java.nio.file.FileAlreadyExistsException if the file is there
   */
  RecordingWriter(Path file, String version, long unixNanos, boolean raw, long maxSize) throws IOException {
    this.maxSize = maxSize;
    channel = FileChannel.open(file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
    out.write(Recording.MAGIC);
    out.writeShort(Recording.VERSION);
    out.writeUTF(version);
    out.writeLong(unixNanos);
    out.writeByte(raw ? Recording.RAW : 0);
  }


  /** An OPEN record, before others of the connection; false if it does not fit. */
  boolean connection(int number, Connection c, Record open) throws IOException {
    begin(Recording.CONNECTION, number, open.ts());
    in.writeByte(c.ends().listening() ? 1 : 0);
    byte[] name = process(c).getBytes(StandardCharsets.UTF_8);
    in.writeShort(Math.min(name.length, MAX_NAME));
    in.write(name, 0, Math.min(name.length, MAX_NAME));
    in.writeShort(open.openShort(Record.OPEN_FAMILY));
    in.writeShort(open.openShort(Record.OPEN_LOCAL_PORT));
    in.writeShort(open.openShort(Record.OPEN_REMOTE_PORT));
    byte[] addresses = new byte[32];
    open.payload(Record.OPEN_LOCAL, addresses, 0, addresses.length);
    in.write(addresses);
    return end();
  }

  private static String process(Connection c) {
    Object executable = c.resource() == null ? null : c.resource().attributes().get("process.executable.name");
    return executable == null ? "" : executable.toString();
  }

  /** DATA, CONT, EOF or CLOSE with the first {@code captured} bytes of its payload; false if it does not fit. */
  boolean record(int number, Record r, int captured) throws IOException {
    switch (r.kind()) {
      case Record.EOF -> begin(Recording.PEER_CLOSED, number, r.ts());
      case Record.CLOSE -> begin(Recording.CLOSED, number, r.ts());
      default -> begin(Recording.BYTES, number, r.ts());
    }
    if (r.bytes()) {
      int sent = r.dir() == Record.SEND ? Recording.SENT : 0;
      in.writeByte(sent | (r.kind() == Record.CONT ? Recording.CONTINUED : 0));
    }
    if (r.kind() == Record.EOF) in.writeByte(r.dir());
    if (r.kind() != Record.CLOSE) in.writeInt(r.seq());
    in.writeInt(r.tx());
    in.writeInt(r.rx());
    if (r.bytes()) in.writeInt(r.len());
    byte[] payload = new byte[captured];
    r.payload(0, payload, 0, captured);
    in.write(payload);
    return end();
  }

  private void begin(int type, int number, long time) throws IOException {
    if (start == Long.MIN_VALUE) start = time;
    frame.reset();
    in.writeByte(type);
    in.writeInt(number);
    in.writeLong(time - start);
  }

  private boolean end() throws IOException {
    full |= out.size() + Integer.BYTES + frame.size() + END_LENGTH > maxSize;
    if (full) return false;
    out.writeInt(frame.size());
    frame.writeTo(out);
    return true;
  }

  /** Writes the end; without it the file is cut off. */
  @Override
  public void close() throws IOException {
    try (channel) {
      out.writeInt(1);
      out.writeByte(Recording.END_OF_RECORDING);
      out.flush();
    }
  }
}
