package io.mop.testkit;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The part of {@link FileTail}. One thread reads and writes; acknowledgements come on any. */
final class FileTailReceiver implements Receiver {
  private static final Duration FIRST_WAIT = Duration.ofMillis(100);

  private final Path path;
  private final Duration poll;
  private final Context context;
  private final Path stored;
  private final byte[] bytes;
  private final Context.Counter lines;
  private final Context.Counter refusals;
  private final Context.Counter truncations;
  private final Context.Counter rotations;
  private final Context.Counter lostFiles;

  private final ArrayDeque<Request> pending = new ArrayDeque<>();
  private Intake intake;
  private Optional<FileTailPosition> safe = Optional.empty();
  private FileChannel channel;
  private String key = "";
  private long offset;
  /** Another file had the path when it was looked at last. */
  private boolean moved;
  private String complaint = "";
  private volatile boolean paused;

  FileTailReceiver(Path path, Duration poll, int chunk, Context context) {
    this.path = path.toAbsolutePath();
    this.poll = poll;
    this.context = context;
    this.bytes = new byte[chunk];
    this.stored = context.directory().resolve("position");
    lines = context.counter("lines", "1", "Lines read, again after a restart if they were not acknowledged.");
    refusals = context.counter("refusals", "1", "Requests that were refused and are sent again.");
    truncations = context.counter("truncations", "1", "Times the file had become shorter and was read anew.");
    rotations = context.counter("rotations", "1", "Times another file had come in its place.");
    lostFiles = context.counter("lost_files", "1", "Files with lines not acknowledged that were not found again.");
  }

  @Override
  public void start(Intake to) {
    intake = to;
    try {
      safe = FileTailPosition.read(stored);
    } catch (IOException e) {
      throw new InvalidConfig("path", "a readable position: " + e.getMessage());
    }
    context.every(poll, this::tick);
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
  }

  @Override
  public synchronized void close() {
    try {
      settle();
      if (channel != null) channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void tick() {
    try {
      settle();
      boolean waits = false;
      for (Request r : pending) {
        if (r.state == State.REFUSED && r.again <= context.now()) r.submit();
        waits |= r.state == State.REFUSED;
      }
      if (!paused && !waits && (channel != null || open())) read();
      say("");
    } catch (NoSuchFileException e) {
      say("there is no file " + path + " yet");
    } catch (IOException e) {
      say("cannot read " + path + ": " + e);
    }
  }

  private void say(String now) {
    if (now.equals(complaint)) return;
    complaint = now;
    if (now.isEmpty()) context.healthy();
    else context.unhealthy(now);
  }

  /** Moves the position over what is acknowledged from the oldest on. */
  private void settle() throws IOException {
    Optional<FileTailPosition> before = safe;
    while (!pending.isEmpty() && pending.element().state == State.SAFE) {
      safe = Optional.of(pending.remove().end);
    }
    if (!safe.equals(before)) safe.orElseThrow().write(stored);
  }

  private static String key(Path file) throws IOException {
    return String.valueOf(Files.readAttributes(file, BasicFileAttributes.class).fileKey());
  }

  /** Opens where the acknowledged lines end, in a file that has been renamed since if need be. */
  private boolean open() throws IOException {
    Path file = path;
    long from = 0;
    if (safe.isPresent()) {
      Optional<Path> same = find(safe.get().key());
      if (same.isPresent()) {
        file = same.get();
        from = safe.get().offset();
      } else {
        key(path); // until it is there, the file may come back
        lostFiles.add(1);
      }
    }
    if (!open(file, from)) return false;
    FileTailPosition begun = new FileTailPosition(key, from);
    if (!safe.equals(Optional.of(begun))) { // from now on it is found if it is renamed
      begun.write(stored);
      safe = Optional.of(begun);
    }
    return true;
  }

  private boolean open(Path file, long from) throws IOException {
    String before = key(file);
    FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
    if (!before.equals(key(file))) { // renamed in between: which one is open is not known
      opened.close();
      return false;
    }
    channel = opened;
    key = before;
    offset = from;
    moved = false;
    return true;
  }

  private Optional<Path> find(String wanted) throws IOException {
    try {
      if (key(path).equals(wanted)) return Optional.of(path);
    } catch (NoSuchFileException e) {
      // renamed, and not begun anew
    }
    try (Stream<Path> siblings = Files.list(Objects.requireNonNull(path.getParent()))) {
      for (Path sibling : siblings.filter(Files::isRegularFile).toList()) {
        try {
          if (key(sibling).equals(wanted)) return Optional.of(sibling);
        } catch (NoSuchFileException e) {
          // gone meanwhile
        }
      }
    }
    return Optional.empty();
  }

  private void read() throws IOException {
    boolean nowMoved = moved();
    // The writer may not have noticed at once: what it wrote into the renamed file comes before the new one.
    boolean ended = nowMoved && moved;
    moved = nowMoved;
    while (pending.size() < FileTail.PENDING) {
      if (channel.size() < offset) {
        truncations.add(1);
        begin(0);
      }
      int n = fill();
      int end = afterLastLine(n);
      if (end == 0 && (n == bytes.length || ended)) end = n;
      if (end == 0) {
        if (ended && next()) ended = false;
        else return;
      } else {
        offset += end;
        Request r = new Request(encode(end), new FileTailPosition(key, offset), State.SENT);
        pending.add(r);
        r.submit();
        if (r.state == State.REFUSED) return;
      }
    }
  }

  private boolean moved() throws IOException {
    try {
      return !key(path).equals(key);
    } catch (NoSuchFileException e) {
      return false; // renamed, and not begun anew
    }
  }

  /** Goes on with the file that has the path now. */
  private boolean next() throws IOException {
    FileChannel old = channel;
    if (!open(path, 0)) return false;
    old.close();
    rotations.add(1);
    begin(0);
    return true;
  }

  /** From here on positions are of {@link #key}, and not behind what was acknowledged of other content. */
  private void begin(long from) {
    offset = from;
    pending.add(new Request(new byte[0], new FileTailPosition(key, from), State.SAFE));
  }

  private int fill() throws IOException {
    ByteBuffer to = ByteBuffer.wrap(bytes);
    while (to.hasRemaining() && channel.read(to, offset + to.position()) > 0) {
      // until it is full or the file ends
    }
    return to.position();
  }

  private int afterLastLine(int n) {
    int end = n;
    while (end > 0 && bytes[end - 1] != '\n') end--;
    return end;
  }

  /** The lines before {@code end} as an OTLP logs request. */
  private byte[] encode(int end) {
    ProtoWriter scope = new ProtoWriter();
    long now = context.now();
    for (int from = 0, to; from < end; from = to + 1) {
      to = from;
      while (to < end && bytes[to] != '\n') to++;
      byte[] line = Arrays.copyOfRange(bytes, from, to);
      byte[] body = new ProtoWriter().bytes(isUtf8(line) ? 1 : 7, line).toByteArray();
      scope.bytes(2, new ProtoWriter().bytes(5, body).fixed64(11, now).toByteArray());
      lines.add(1);
    }
    byte[] value = new ProtoWriter().text(1, path.toString()).toByteArray();
    byte[] attribute = new ProtoWriter().text(1, "log.file.path").bytes(2, value).toByteArray();
    byte[] resource = new ProtoWriter().bytes(1, attribute).toByteArray();
    byte[] group = new ProtoWriter().bytes(1, resource).bytes(2, scope.toByteArray()).toByteArray();
    return new ProtoWriter().bytes(1, group).toByteArray();
  }

  private static boolean isUtf8(byte[] line) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(line));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private enum State {
    SENT,
    SAFE,
    REFUSED
  }

  /** Lines on their way; kept until they are acknowledged. */
  private final class Request implements Ack {
    private final byte[] wire;
    private final FileTailPosition end;
    private int tries;
    private volatile long again;
    private volatile State state;

    Request(byte[] wire, FileTailPosition end, State state) {
      this.wire = wire;
      this.end = end;
      this.state = state;
    }

    void submit() {
      state = State.SENT;
      tries++;
      try {
        Landing landing = intake.reserve(Signal.LOGS, wire.length, "");
        landing.buffer().put(wire);
        landing.submit(this);
      } catch (Refused e) {
        refused(e.getMessage(), e.retryAfter());
      } catch (Malformed e) {
        throw new IllegalStateException("wrote no OTLP: " + e.getMessage(), e);
      }
    }

    @Override
    public void safe() {
      state = State.SAFE;
    }

    @Override
    public void refused(String why, Duration retryAfter) {
      refusals.add(1);
      long wait = FIRST_WAIT.toNanos() << Math.min(tries - 1, 6);
      again = context.now() + Math.max(wait, retryAfter.toNanos());
      state = State.REFUSED;
    }
  }
}
