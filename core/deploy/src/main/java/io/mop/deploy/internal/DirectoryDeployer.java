package io.mop.deploy.internal;

import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.deploy.Deployer;
import io.mop.deploy.Installation;
import io.mop.deploy.Refusal;
import io.mop.deploy.Swap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The deployer's thread. What it has installed stays when it stops: pipelines run on, and the next deployer goes on
 * from there.
 */
@Component(immediate = true, service = Deployer.class)
public final class DirectoryDeployer implements Deployer {
  private static final System.Logger LOG = System.getLogger("io.mop.deploy");
  private static final Duration FIRST_LOOK = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(15);

  private final Settings settings;
  private final Watch watch;
  private final Journal journal;
  private final Plugins plugins;
  private final PluginCatalog.Listening listening;
  private final AtomicBoolean waking = new AtomicBoolean();
  private final AtomicBoolean again = new AtomicBoolean();
  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          r -> {
            Thread t = new Thread(r, "mop-deploy");
            t.setDaemon(true);
            return t;
          });
  private volatile List<Installation> records = List.of();
  private volatile Optional<String> problem = Optional.empty();

  /** Returns when all that is there is decided, so that mop.yaml finds the plugins that it names. */
  @Activate
  public DirectoryDeployer(BundleContext context, @Reference Control control, @Reference PluginCatalog catalog)
      throws IOException {
    this(Settings.of(context), context, control, catalog);
  }

  DirectoryDeployer(Settings settings, BundleContext context, Control control, PluginCatalog catalog)
      throws IOException {
    this.settings = settings;
    this.watch = new Watch(settings.plugins(), settings.settle());
    this.journal = new Journal(settings.clock());
    Bundles bundles = new Bundles(context, catalog, control, settings.limit());
    this.plugins = new Plugins(settings, bundles, new Offers(context), watch, journal);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.listening = catalog.onChange(this::wake);
    try {
      thread.submit(this::firstLooks).get(FIRST_LOOK.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      LOG.log(System.Logger.Level.WARNING, "The plugins in " + settings.plugins() + " are not all installed yet", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.scheduleWithFixedDelay(
        this::poll, settings.poll().toMillis(), settings.poll().toMillis(), TimeUnit.MILLISECONDS);
  }

  private void poll() {
    if (!plugins.idle()) look();
  }

  /** Also waits for a file that was written a moment ago: mop.yaml may name what is in it. */
  private void firstLooks() {
    look();
    while (again.get() && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(settings.settle().toNanos());
      again.set(false);
      look();
    }
  }

  private void look() {
    try {
      watch.listen(this::wake);
      if (plugins.look() && again.compareAndSet(false, true)) {
        thread.schedule(
            () -> {
              again.set(false);
              look();
            },
            settings.settle().toMillis(),
            TimeUnit.MILLISECONDS);
      }
    } catch (RejectedExecutionException e) {
      // Closing.
    } catch (RuntimeException | LinkageError e) {
      LOG.log(System.Logger.Level.ERROR, "Plugins in " + settings.plugins(), e);
    } finally {
      publish();
    }
  }

  private void publish() {
    records = plugins.records();
    problem = plugins.problem();
  }

  private void wake() {
    if (!waking.compareAndSet(false, true)) return;
    try {
      thread.execute(
          () -> {
            waking.set(false);
            look();
          });
    } catch (RejectedExecutionException e) {
      // Closing.
    }
  }

  @Override
  public List<Installation> records() {
    return records;
  }

  @Override
  public List<Swap> swaps() {
    return journal.swaps();
  }

  @Override
  public Optional<String> problem() {
    return problem;
  }

  @Override
  public Installation replace(Path jar) throws Refusal {
    return command(() -> plugins.replace(jar));
  }

  @Override
  public Installation rollback(String name) throws Refusal {
    return command(() -> plugins.rollback(name));
  }

  @Override
  public Installation remove(String name) throws Refusal {
    return command(() -> plugins.remove(name));
  }

  @Override
  public String why(Path jar) {
    try {
      return command(() -> plugins.why(jar));
    } catch (Refusal e) {
      return e.getMessage();
    }
  }

  private <T> T command(Callable<T> work) throws Refusal {
    try {
      return thread
          .submit(
              () -> {
                try {
                  return work.call();
                } finally {
                  publish();
                }
              })
          .get();
    } catch (RejectedExecutionException e) {
      throw new Refusal("the deployer is closed");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Refusal r) throw r;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal("interrupted while waiting for the deployer");
    }
  }

  @Deactivate
  void close() throws Exception {
    listening.close();
    thread.shutdown();
    try (watch) { // closed last, as a look under way registers with it
      if (thread.awaitTermination(CLOSE.toMillis(), TimeUnit.MILLISECONDS)) return;
      thread.shutdownNow();
      LOG.log(System.Logger.Level.WARNING, "The deployer did not end within " + CLOSE.toSeconds() + " s");
    }
  }
}
