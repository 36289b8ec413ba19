package io.mop.capture;

import io.mop.capture.Counters.Plain;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what passes on the first connections into a file; each has a {@link Tape}. On the ring thread. */
final class Recorder {
  private static final Logger LOG = System.getLogger("io.mop.capture");

  private final RecordTo to;
  private final Shared shared;
  private final RecordingWriter writer;
  private final Buffers buffers;
  private final Map<Long, Tape> tapes = new HashMap<>();
  private int connections;
  private boolean failed;

  Recorder(RecordTo to, String version, Shared shared) throws IOException {
    this.to = to;
    this.shared = shared;
    buffers = new Buffers(shared.limits().totalBytes());
    writer = new RecordingWriter(to.file(), version, System.currentTimeMillis() * 1_000_000, to.raw(), to.maxSize());
  }

  void open(Connection c, Record r) {
    begin(c, r);
  }

  /** @param protocols in use */
  void data(Connection c, Record r, List<NamedProtocol> protocols) {
    begin(c, r).ifPresent(tape -> tape.data(r, protocols));
  }

  /** EOF or CLOSE. */
  void other(Connection c, Record r) {
    begin(c, r).ifPresent(tape -> tape.other(r));
  }

  private Optional<Tape> begin(Connection c, Record r) {
    if (connections < to.connections() && !tapes.containsKey(c.id)) {
      tapes.put(c.id, new Tape(this, ++connections, c, r));
      shared.counters().add(Plain.RECORDED_CONNECTIONS, 1);
    }
    return Optional.ofNullable(tapes.get(c.id));
  }

  /** The connection is not used again. */
  void end(Connection c) {
    Optional.ofNullable(tapes.remove(c.id)).ifPresent(Tape::end);
  }

  boolean raw() {
    return to.raw();
  }

  ByteStream stream() {
    return new ByteStream(buffers, Tape.MOST);
  }

  void withheld(long bytes) {
    shared.counters().add(Plain.RECORDED_BYTES_WITHHELD, bytes);
  }

  /** @param captured of the payload, from its start; the rest is as if it had not been captured */
  void write(int number, Connection c, Record r, int captured) {
    boolean written = false;
    try {
      if (!failed && r.kind() == Record.OPEN) written = writer.connection(number, c, r);
      else if (!failed) written = writer.record(number, r, captured);
    } catch (IOException e) {
      failed(e);
    }
    if (!written) shared.counters().add(Plain.RECORDS_LEFT_OUT, 1);
    else if (r.bytes()) shared.counters().add(Plain.RECORDED_BYTES, captured);
  }

  private void failed(IOException e) {
    failed = true;
    LOG.log(Level.ERROR, "nothing more is recorded: " + to.file() + " cannot be written: " + e.getMessage());
  }

  void close() {
    try {
      writer.close();
    } catch (IOException e) {
      failed(e);
    }
  }
}
