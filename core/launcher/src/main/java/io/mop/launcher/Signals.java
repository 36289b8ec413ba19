package io.mop.launcher;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

/**
 * SIGTERM and SIGINT, told apart, and SIGHUP. A shutdown hook sees neither which signal it was nor may it set the exit
 * code, and {@code sun.misc.Signal}, which the module jdk.unsupported exports for this use, cannot be named without a
 * compiler warning that no option turns off: hence reflection.
 */
public final class Signals {
  private Signals() {}

  /** Completed with the exit code at the first signal: 0 for SIGTERM, 130 for SIGINT. A second one ends the process. */
  public static CompletableFuture<Integer> first() {
    CompletableFuture<Integer> stop = new CompletableFuture<>();
    handle("TERM", 143, 0, stop);
    handle("INT", 130, 130, stop);
    return stop;
  }

  /**
   * As {@link #first} without SIGINT, which does nothing then: it is for a child on the same terminal, which gets it
   * too.
   */
  public static CompletableFuture<Integer> terminated() {
    CompletableFuture<Integer> stop = new CompletableFuture<>();
    handle("TERM", 143, 0, stop);
    handle("INT", () -> {});
    return stop;
  }

  /** Runs {@code action} at every SIGHUP, on a thread of its own. */
  static void hangUp(Runnable action) {
    handle("HUP", action);
  }

  private static void handle(String name, int forced, int graceful, CompletableFuture<Integer> stop) {
    handle(
        name,
        () -> {
          if (!stop.complete(graceful)) {
            Runtime.getRuntime().halt(forced);
          }
        });
  }

  private static void handle(String name, Runnable action) {
    InvocationHandler handler =
        (proxy, method, args) -> {
          switch (method.getName()) {
            case "handle":
              action.run();
              return null;
            case "hashCode":
              return name.hashCode();
            case "equals":
              return proxy == args[0];
            default:
              return "SIG" + name;
          }
        };
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> type = Class.forName("sun.misc.SignalHandler");
      Object proxy = Proxy.newProxyInstance(Signals.class.getClassLoader(), new Class<?>[] {type}, handler);
      signal.getMethod("handle", signal, type)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("This Java runtime lacks the module jdk.unsupported", e);
    }
  }
}
