package io.mop.testkit;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.lang.ref.WeakReference;
import java.util.Optional;

/**
 * A protocol as it is, whose faults are kept: what it throws, and more steps in one call than its bytes explain.
 * Nothing of the core can be reached from a decoder once {@link #detach} was called, so that what it holds itself can
 * be weighed.
 */
final class WatchedProtocol implements Protocol {
  private static final int STEPS = 10_000;
  private static final int STEPS_PER_BYTE = 100;

  private final Protocol protocol;
  private Optional<Throwable> fault = Optional.empty();
  private Watched latest;
  private boolean left;
  private long steps;

  WatchedProtocol(Protocol protocol) {
    this.protocol = protocol;
  }

  /** What the sniffer or a decoder threw first. */
  Optional<Throwable> fault() {
    return fault;
  }

  /** Whether the newest connection's decoder has left. */
  boolean left() {
    return left;
  }

  /** The decoder of the newest connection, which was closed, cut off from the core; empty if none was opened. */
  Optional<Decoder> detach() {
    Optional<Decoder> decoder = Optional.ofNullable(latest);
    if (latest != null) {
      latest.out = null;
      latest.in.stream = null;
    }
    latest = null;
    return decoder;
  }

  @Override
  public Guess sniff(Stream in, Direction direction) {
    try {
      return protocol.sniff(new Counted().over(in), direction);
    } catch (Throwable t) {
      throw keep(t);
    }
  }

  @Override
  public Decoder open(Exchanges out) {
    left = false;
    latest = new Watched(out);
    try {
      latest.decoder = protocol.open(latest);
      return latest;
    } catch (Throwable t) {
      throw keep(t);
    }
  }

  private Error keep(Throwable t) {
    if (fault.isEmpty()) fault = Optional.of(t);
    return t instanceof Error e ? e : new AssertionError(t);
  }

  private void step(long n) {
    steps -= n;
    if (steps < 0) throw new AssertionError("more than " + STEPS_PER_BYTE + " steps a byte: an endless loop?");
  }

  /** A decoder and the exchanges that it knows. */
  private final class Watched implements Decoder, Exchanges {
    private final Counted in = new Counted();
    private Exchanges out;
    private Decoder decoder;

    Watched(Exchanges out) {
      this.out = out;
    }

    @Override
    public void decode(Direction direction, Stream stream) throws Stream.Gap {
      try {
        decoder.decode(direction, in.over(stream));
      } catch (Stream.Gap e) {
        throw e;
      } catch (Throwable t) {
        throw keep(t);
      }
    }

    @Override
    public boolean resync(Direction direction, Stream stream) {
      try {
        return decoder.resync(direction, in.over(stream));
      } catch (Throwable t) {
        throw keep(t);
      }
    }

    @Override
    public void end(Direction direction, long time) {
      try {
        decoder.end(direction, time);
      } catch (Throwable t) {
        throw keep(t);
      }
    }

    @Override
    public Exchange request(long id, long time) {
      step(1);
      return new Handle(new WeakReference<>(out.request(id, time)));
    }

    @Override
    public Exchange response(long id) {
      step(1);
      return new Handle(new WeakReference<>(out.response(id)));
    }

    @Override
    public boolean server() {
      return out.server();
    }

    @Override
    public boolean secure() {
      return out.secure();
    }

    @Override
    public Text bounded(String attribute, Text value) {
      step(1);
      return out.bounded(attribute, value);
    }

    @Override
    public void leave(String reason) {
      left = true;
      out.leave(reason);
    }
  }

  /** The core holds an exchange as long as it is open; calls to one that has ended do nothing. */
  private record Handle(WeakReference<Exchanges.Exchange> exchange) implements Exchanges.Exchange {
    @Override
    public Exchanges.Exchange name(Text operation) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.name(operation);
      return this;
    }

    @Override
    public Exchanges.Exchange parent(long traceIdHigh, long traceIdLow, long spanId) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.parent(traceIdHigh, traceIdLow, spanId);
      return this;
    }

    @Override
    public Exchanges.Exchange set(String attribute, Text value) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.set(attribute, value);
      return this;
    }

    @Override
    public Exchanges.Exchange set(String attribute, long value) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.set(attribute, value);
      return this;
    }

    @Override
    public Exchanges.Exchange error(String type) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.error(type);
      return this;
    }

    @Override
    public void complete(long time) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.complete(time);
    }

    @Override
    public void discard(String reason) {
      Exchanges.Exchange x = exchange.get();
      if (x != null) x.discard(reason);
    }
  }

  /** Counts what is looked at. */
  private final class Counted implements Stream {
    private Stream stream;

    Counted over(Stream in) {
      stream = in;
      steps = STEPS + (long) STEPS_PER_BYTE * in.length();
      return this;
    }

    @Override
    public int length() {
      return stream.length();
    }

    @Override
    public byte at(int i) throws Gap {
      step(1);
      return stream.at(i);
    }

    @Override
    public int find(byte b, int from, int limit) throws Gap {
      int found = stream.find(b, from, limit);
      step(1L + Math.max(0, (found < 0 ? Math.min(limit, stream.length()) : found) - from));
      return found;
    }

    @Override
    public Text text(int from, int to) throws Gap {
      step(1L + to - from);
      return stream.text(from, to);
    }

    @Override
    public void skip(int n) {
      step(1);
      stream.skip(n);
    }

    @Override
    public long time(int i) {
      step(1);
      return stream.time(i);
    }
  }
}
