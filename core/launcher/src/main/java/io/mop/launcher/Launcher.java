package io.mop.launcher;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;

/** Starts a feature, runs one command in it, waits if asked to, stops it. */
public final class Launcher {
  private static final Logger LOG = System.getLogger("io.mop.launcher");
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(10);

  private Launcher() {}

  /**
   * Blocks until the command is done or, if the launch waits, until a signal. Before the framework stops, the bundles'
   * service {@code Callable} with {@code mop.main=stop}, if there is one, is called: plugins are still there then. At
   * SIGHUP the one with {@code mop.main=reload} is.
   *
   * @return the exit code: what the command returned; when it waited, 0 after SIGTERM and 130 after SIGINT
   * @throws LaunchException if the command could not be run
   */
  public static int launch(Launch launch) throws LaunchException, InterruptedException {
    CompletableFuture<Integer> stop = launch.waits() ? Signals.first() : CompletableFuture.completedFuture(0);
    return launch(launch, stop, Optional.empty());
  }

  /**
   * As {@link #launch(Launch)}, with somebody who does something while MOP runs.
   *
   * @param stop whose completion stops a launch that waits, with its value as exit code
   */
  public static int launch(Launch launch, CompletableFuture<Integer> stop, Attendant attendant)
      throws LaunchException, InterruptedException {
    return launch(launch, stop, Optional.of(attendant));
  }

  private static int launch(Launch launch, CompletableFuture<Integer> stop, Optional<Attendant> attendant)
      throws LaunchException, InterruptedException {
    if (!Files.isDirectory(launch.home().resolve("bundles"))) {
      throw new LaunchException(4, "There is no MOP distribution in " + launch.home() + ".");
    }
    Feature feature = Feature.read(launch.home().resolve("features").resolve(launch.feature() + ".json"));
    AtomicReference<OsgiRuntime> running = new AtomicReference<>();
    if (launch.waits()) Signals.hangUp(() -> Optional.ofNullable(running.get()).ifPresent(Launcher::reload));
    try (StateDirectory state =
            launch.state().isPresent() ? StateDirectory.open(launch.state().get()) : StateDirectory.temporary();
        OsgiRuntime osgi = OsgiRuntime.start(feature, launch.home().resolve("bundles"), properties(launch, state))) {
      running.set(osgi);
      try {
        int code = call(osgi.main(launch.command(), COMMAND_LIMIT), launch.command());
        if (code != 0 || !launch.waits()) return code;
        if (attendant.isPresent()) attendant.get().running(state.path());
        code = awaitStop(osgi, stop);
        if (attendant.isPresent()) drained(osgi, attendant.get());
        return code;
      } finally {
        running.set(null);
      }
    } catch (IOException e) {
      throw new LaunchException(1, "The state directory could not be left in order: " + e.getMessage());
    }
  }

  private static int awaitStop(OsgiRuntime osgi, CompletableFuture<Integer> stop)
      throws LaunchException, InterruptedException {
    int stopped;
    try {
      stopped = stop.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    LOG.log(Level.INFO, "Stopping.");
    Callable<?> main = osgi.find("stop");
    int drained = main == null ? 0 : call(main, "stop");
    return drained == 0 ? stopped : drained;
  }

  /** The bundles' service {@code Callable} with {@code mop.main=drain}, if there is one, delivers what is held. */
  private static void drained(OsgiRuntime osgi, Attendant attendant) throws LaunchException, InterruptedException {
    Callable<?> drain = osgi.find("drain");
    if (drain != null) call(drain, "drain");
    attendant.drained();
  }

  /** The bundles' service {@code Callable} with {@code mop.main=reload}, if there is one. */
  private static void reload(OsgiRuntime osgi) {
    Callable<?> reload = osgi.find("reload");
    try {
      if (reload != null) call(reload, "reload");
    } catch (LaunchException e) {
      LOG.log(Level.ERROR, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int call(Callable<?> main, String command) throws LaunchException, InterruptedException {
    try {
      return main.call() instanceof Integer code ? code : 0;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.log(Level.DEBUG, "Command " + command + " failed", e);
      throw new LaunchException(1, e.getMessage() == null ? command + " failed: " + e : e.getMessage());
    }
  }

  private static Map<String, Object> properties(Launch launch, StateDirectory state) {
    Map<String, Object> properties = new LinkedHashMap<>(launch.properties());
    // a plugin's identity is its digest: a rebuilt snapshot may stand beside the one before
    properties.put("org.osgi.framework.bsnversion", "multiple");
    properties.put("mop.home", launch.home().toAbsolutePath().toString());
    properties.put("mop.config", launch.config().toAbsolutePath().toString());
    properties.put("mop.state", state.path().toAbsolutePath().toString());
    properties.put("org.osgi.framework.storage", state.framework().toAbsolutePath().toString());
    return properties;
  }
}
