package io.mop.telemetry;

import io.mop.control.Control;
import io.mop.control.ServiceManager;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Tells systemd how MOP is (sd_notify(3)): {@code READY=1} when it is ready first, {@code STATUS=} when that changes,
 * {@code WATCHDOG=1} twice in {@code WATCHDOG_USEC} while it is alive, {@code STOPPING=1}. Does nothing unless {@code
 * NOTIFY_SOCKET} is set. The launcher calls it before it stops the bundles.
 */
@Component(immediate = true, service = Callable.class, property = "mop.main=stop")
public final class Notifier implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.mop.telemetry");
  private static final Duration UNTIL_READY = Duration.ofMillis(200);
  private static final Duration OFTEN = Duration.ofSeconds(5);
  /** systemd shows one line; longer ones it cuts, and a datagram has a limit. */
  private static final int LONGEST = 1000;

  private final Health health;
  private final ServiceManager manager;
  private final String socket;
  private final Duration watchdog;
  private final ScheduledThreadPoolExecutor timer;
  private boolean ready;
  private boolean stopping;
  private boolean failed;
  private String status = "";

  @Activate
  public Notifier(
      @Reference Control control,
      @Reference(cardinality = ReferenceCardinality.OPTIONAL, policyOption = ReferencePolicyOption.GREEDY)
          Optional<ServiceManager> manager) {
    this(new Health(control), manager.orElse(Notifier::cannot), System.getenv());
    if (!socket.isEmpty()) next();
  }

  private static void cannot(String socket, String state) throws IOException {
    throw new IOException("NOTIFY_SOCKET is set, and the bundle io.mop.bpf, which can send to it, is not installed");
  }

  /** Without a thread of its own until {@link #next}. */
  Notifier(Health health, ServiceManager manager, Map<String, String> env) {
    this.health = health;
    this.manager = manager;
    this.socket = env.getOrDefault("NOTIFY_SOCKET", "");
    String pid = env.getOrDefault("WATCHDOG_PID", "");
    boolean ours = pid.isEmpty() || pid.equals(Long.toString(ProcessHandle.current().pid()));
    this.watchdog = ours ? micros(env.getOrDefault("WATCHDOG_USEC", "0")) : Duration.ZERO;
    this.timer =
        new ScheduledThreadPoolExecutor(
            0,
            r -> {
              Thread t = new Thread(r, "mop-systemd");
              t.setDaemon(true);
              return t;
            });
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  private static Duration micros(String text) {
    try {
      return Duration.of(Math.max(0, Long.parseLong(text)), java.time.temporal.ChronoUnit.MICROS);
    } catch (NumberFormatException e) {
      return Duration.ZERO;
    }
  }

  private void next() {
    tick();
    Duration wait = wait(ready);
    if (!timer.isShutdown()) timer.schedule(this::next, wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Until the next {@link #tick}. */
  Duration wait(boolean isReady) {
    Duration wait = isReady ? OFTEN : UNTIL_READY;
    Duration half = watchdog.dividedBy(2);
    return !watchdog.isZero() && half.compareTo(wait) < 0 ? half : wait;
  }

  /** Says what is to be said now. */
  synchronized void tick() {
    if (socket.isEmpty()) return;
    StringBuilder message = new StringBuilder();
    Health.Answer is = health.ready();
    boolean becomes = is.ok() && !ready && !stopping;
    if (becomes) message.append("READY=1\n");
    if (!stopping) status(is.sentence(), message);
    if (!watchdog.isZero() && health.alive().ok()) message.append("WATCHDOG=1\n");
    boolean said = send(message.toString());
    ready |= becomes && said;
    if (!said) status = ""; // all of it again next time
  }

  private void status(String now, StringBuilder message) {
    if (now.equals(status)) return;
    status = now;
    String line = now.replaceAll("\\R", " ");
    message.append("STATUS=").append(line.substring(0, Math.min(LONGEST, line.length()))).append('\n');
  }

  /** MOP was told to stop. */
  @Override
  public synchronized Integer call() {
    stopping = true;
    if (!socket.isEmpty()) send("STOPPING=1\nSTATUS=delivering what is held\n");
    return 0;
  }

  private boolean send(String message) {
    if (message.isEmpty()) return true;
    try {
      manager.notify(socket, message);
      failed = false;
      return true;
    } catch (IOException | RuntimeException | LinkageError e) {
      if (!failed) LOG.log(Level.WARNING, "systemd cannot be told how MOP is: " + e.getMessage());
      failed = true;
      return false;
    }
  }

  @Deactivate
  void close() {
    timer.shutdownNow();
  }
}
