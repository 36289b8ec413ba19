package @package@;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One request is on its way at a time; the position is behind it when it was acknowledged. */
final class LinesReceiver implements Receiver, Receiver.Ack {
  private enum State {
    IDLE,
    SENT,
    SAFE,
    REFUSED
  }

  private static final String FORMAT = "position/1 ";

  private final Path path;
  private final Duration poll;
  private final int chunk;
  private final Context context;
  private final Path stored;
  private final Context.Counter refusals;
  private Optional<Context.Task> task = Optional.empty();
  private Intake intake;
  private long position;
  private long end;
  /** Acknowledgements come on any thread. */
  private volatile State state = State.IDLE;
  private volatile long again;
  private volatile boolean paused;

  LinesReceiver(Path path, Duration poll, int chunk, Context context) {
    this.path = path;
    this.poll = poll;
    this.chunk = chunk;
    this.context = context;
    stored = context.directory().resolve("position");
    refusals = context.counter("refusals", "1", "Requests that were refused and are sent again.");
  }

  @Override
  public void start(Intake to) {
    intake = to;
    try {
      String text = Files.readString(stored).strip();
      if (!text.matches(FORMAT + "\\d{1,18}")) {
        throw new InvalidConfig("path", "a position as " + FORMAT + "NUMBER in " + stored + ", not " + text);
      }
      position = Long.parseLong(text.substring(FORMAT.length()));
    } catch (NoSuchFileException e) {
      position = 0; // never acknowledged
    } catch (IOException e) {
      throw new InvalidConfig("path", "a readable position: " + e);
    }
    task = Optional.of(context.every(poll, this::look));
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
  public void close() {
    task.ifPresent(Context.Task::close);
    finish();
  }

  private synchronized void finish() {
    try {
      settle();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void look() {
    try {
      settle();
      while (state == State.IDLE && !paused && read()) settle();
      context.healthy();
    } catch (NoSuchFileException e) {
      context.unhealthy("there is no file " + path + " yet");
    } catch (IOException e) {
      context.unhealthy("cannot read " + path + ": " + e);
    }
  }

  /** Moves the position over what was acknowledged, and lets what was refused be read again. */
  private void settle() throws IOException {
    if (state == State.SAFE) {
      Path next = stored.resolveSibling("position.next");
      Files.writeString(next, FORMAT + end + "\n");
      Files.move(next, stored, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      position = end;
      state = State.IDLE;
    } else if (state == State.REFUSED && context.now() >= again) {
      state = State.IDLE;
    }
  }

  /** Sends whole lines from the position on; false if there is none. */
  private boolean read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(chunk);
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      if (file.size() < position) position = 0;
      while (bytes.hasRemaining() && file.read(bytes, position + bytes.position()) > 0) {
        // until it is full or the file ends
      }
    }
    int length = bytes.position();
    while (length > 0 && bytes.get(length - 1) != '\n') length--;
    if (length == 0 && !bytes.hasRemaining()) length = chunk;
    if (length == 0) return false;
    end = position + length;
    send(new String(bytes.array(), 0, length, StandardCharsets.UTF_8).lines().toList());
    return true;
  }

  private void send(List<String> lines) {
    byte[] request = OtlpLogs.request(path.toString(), context.now(), lines);
    state = State.SENT; // before it may be acknowledged
    try {
      Landing landing = intake.reserve(Signal.LOGS, request.length, "");
      landing.buffer().put(request);
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
    again = context.now() + retryAfter.toNanos();
    state = State.REFUSED;
  }
}
