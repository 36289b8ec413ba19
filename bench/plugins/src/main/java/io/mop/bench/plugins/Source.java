package io.mop.bench.plugins;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Component;

/** Sends a known number of spans and sends again what was refused; counts what was taken. */
@Component
@Provides(kind = Provides.Kind.RECEIVER, name = "bench_source")
public final class Source implements Plugin<Source.Config> {
  /** Keys of {@code receivers.bench_source}. */
  public record Config(
      @Key(doc = "Requests to send.", min = 1) long requests,
      @Key(doc = "Spans in a request.", value = "100", min = 1, max = 10_000) int spans,
      @Key(doc = "Requests a second.", value = "200", min = 1, max = 1_000_000) int rate,
      @Key(doc = "The first span id.", value = "1", min = 1) long first) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Receiver create(Config config, Context context) {
    return new Sender(config, context);
  }

  private static final class Sender implements Receiver {
    private final Config config;
    private final Context.Counter sent;
    private final Context.Counter again;
    private final Context.Counter acked;
    private final AtomicLong next = new AtomicLong();
    private final Thread thread = new Thread(this::run, "bench-source");
    private volatile Intake intake;
    private volatile boolean closed;

    Sender(Config config, Context context) {
      this.config = config;
      sent = context.counter("sent", "{span}", "spans that were taken");
      again = context.counter("again", "{request}", "requests that were refused and sent again");
      acked = context.counter("acked", "{span}", "spans that were acknowledged");
    }

    @Override
    public void start(Intake door) {
      intake = door;
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      Template template = new Template(config.spans());
      long pause = TimeUnit.SECONDS.toNanos(1) / config.rate();
      long due = System.nanoTime();
      while (!closed && next.get() < config.requests()) {
        send(template, next.getAndIncrement());
        due += pause;
        for (long wait = due - System.nanoTime(); wait > 0 && !closed; wait = due - System.nanoTime()) {
          LockSupport.parkNanos(wait);
        }
      }
    }

    private void send(Template template, long request) {
      while (!closed) {
        try {
          Landing landing = intake.reserve(Signal.TRACES, template.size(), "");
          template.write(config.first() + request * config.spans(), landing.buffer());
          landing.submit(new Answer(request));
          sent.add(config.spans());
          return;
        } catch (Refused e) {
          again.add(1);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        } catch (Malformed e) {
          throw new IllegalStateException(e);
        }
      }
    }

    private final class Answer implements Ack {
      private final long request;

      Answer(long request) {
        this.request = request;
      }

      @Override
      public void safe() {
        acked.add(config.spans());
      }

      @Override
      public void refused(String why, Duration retryAfter) {
        again.add(1);
        Thread late = new Thread(() -> send(new Template(config.spans()), request), "bench-source-again");
        late.setDaemon(true);
        late.start();
      }
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public void close() {
      closed = true;
      LockSupport.unpark(thread);
    }
  }
}
