package io.mop.bpf;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.control.Why;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** The probe, the thread that drains its ring, and the once-a-second work beside it. */
final class EbpfReceiver implements Receiver {
  private static final System.Logger LOG = System.getLogger(EbpfReceiver.class.getName());
  private static final Duration REFRESH = Duration.ofSeconds(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final EbpfPlugin.Config config;
  private final Context context;
  private final RecordReader.Factory readers;
  private final Context.Counter read;
  private final Context.Counter failed;
  private final Runnable closed;
  private Optional<Running> running = Optional.empty();
  private String problem = "it has not started";

  /** @param closed is run at the end */
  EbpfReceiver(EbpfPlugin.Config config, Context context, RecordReader.Factory readers, Consumer<EbpfReceiver> closed) {
    this.closed = () -> closed.accept(this);
    this.config = config;
    this.context = context;
    this.readers = readers;
    read = context.counter("records", "{record}", "records read from the ring");
    failed = context.counter("records_failed", "{record}", "records whose processing failed");
  }

  /** A machine that does not allow capture makes the receiver unhealthy, not the pipeline. */
  @Override
  public synchronized void start(Intake intake) {
    Probe probe;
    try {
      probe = Probe.start((int) config.ring().bytes(), config.hook());
    } catch (BpfException e) {
      problem = e.getMessage();
      context.unhealthy(problem);
      return;
    }
    try {
      running = Optional.of(new Running(probe, readers.open(config, probe.selection(), context, intake)));
    } catch (BpfException e) {
      probe.close();
      context.unhealthy(e.getMessage());
      return;
    } catch (RuntimeException e) {
      probe.close();
      throw e;
    }
    LOG.log(Level.INFO, "capture by hook {0}, which {1}", probe.frontEnd().key(), probe.frontEnd().cost());
    context.healthy();
    running.get().start();
  }

  /** While paused the ring fills; what it cannot take is counted as {@code reserve_failed}. */
  @Override
  public synchronized void pause() {
    running.ifPresent(r -> r.pause(true));
  }

  @Override
  public synchronized void resume() {
    running.ifPresent(r -> r.pause(false));
  }

  @Override
  public synchronized void close() {
    running.ifPresent(Running::stop);
    running = Optional.empty();
    problem = "it is stopped";
    closed.run();
  }

  /** What it knows of the processes that are asked for. */
  Why.Answer why(Function<CaptureWhy, List<Why.Process>> question) {
    Optional<Running> now;
    String problem;
    synchronized (this) {
      now = running;
      problem = this.problem;
    }
    return now.flatMap(r -> r.why(question))
        .orElseGet(() -> new Why.Answer(context.id(), problem, false, List.of(), List.of(), List.of()));
  }

  /** One start: from the loaded programs to their removal. */
  private final class Running {
    private final Probe probe;
    private final RecordReader reader;
    private final CounterFeed feed;
    private final Optional<TlsProbes> tls;
    private final Thread thread = new Thread(this::read, "mop-ebpf-ring");
    private final Object ticking = new Object();
    private AutoCloseable ticks = () -> {};
    private boolean ended;
    private boolean paused;
    private boolean stopping;

    Running(Probe probe, RecordReader reader) {
      this.probe = probe;
      this.reader = reader;
      feed = new CounterFeed(context, probe);
      tls = config.tls() ? Optional.of(TlsProbes.start(probe, context)) : Optional.empty();
      reader.kernel(probe.policies(), probe.classifiers());
      tls.ifPresent(t -> reader.tls(t::of));
      thread.setDaemon(true);
    }

    void start() {
      thread.start();
      tick();
      ticks = context.every(REFRESH, this::tick);
    }

    Optional<Why.Answer> why(Function<CaptureWhy, List<Why.Process>> question) {
      return reader.why().map(why -> new Why.Answer(
          context.id(),
          "captures by hook " + probe.frontEnd().key() + ", which " + probe.frontEnd().cost(),
          true,
          why.rules(),
          question.apply(why),
          Meanings.of(why.counters(), published())));
    }

    private Map<Counter, Long> published() {
      synchronized (ticking) {
        return feed.published();
      }
    }

    private void tick() {
      synchronized (ticking) {
        if (ended) return;
        guarded("processes could not be looked up", reader::refresh);
        tls.ifPresent(t -> guarded("TLS libraries could not be looked for", () -> t.look(reader.selected())));
        feed.publish();
      }
    }

    private void read() {
      try {
        while (mayRead()) {
          probe.ring().await(config.drainInterval());
          drain();
        }
        drain(); // what was seen before the programs were detached
      } catch (RuntimeException | Error e) {
        LOG.log(Level.ERROR, "the ring is no longer read", e);
        context.unhealthy("the ring is no longer read: " + e);
      } finally {
        reader.close();
      }
    }

    private void drain() {
      read.add(probe.ring().drain(this::hand));
      guarded("records could not be worked up", () -> reader.drained(System.nanoTime()));
    }

    private void hand(ByteBuffer data, int offset) {
      try {
        reader.accept(data, offset);
      } catch (RuntimeException e) {
        failed.add(1);
        LOG.log(Level.WARNING, "a record could not be processed", e);
      }
    }

    private void guarded(String failure, Runnable task) {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.log(Level.WARNING, failure, e);
      }
    }

    /** Waits while paused. False when it is time to end. */
    private synchronized boolean mayRead() {
      while (paused && !stopping) {
        try {
          wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return !stopping;
    }

    synchronized void pause(boolean on) {
      paused = on;
      notifyAll();
    }

    void stop() {
      tls.ifPresent(TlsProbes::close);
      probe.detach();
      synchronized (this) {
        stopping = true;
        notifyAll();
      }
      try {
        ticks.close();
        thread.join(STOP_LIMIT.toMillis());
      } catch (Exception e) {
        LOG.log(Level.WARNING, "while stopping capture", e);
        if (e instanceof InterruptedException) Thread.currentThread().interrupt();
      }
      synchronized (ticking) {
        ended = true;
        if (thread.isAlive()) { // its next access would crash the process: rather keep the memory
          LOG.log(Level.ERROR, "the ring thread does not end: the ring's memory is not given back");
          return;
        }
        feed.publish();
        probe.close();
      }
    }
  }
}
