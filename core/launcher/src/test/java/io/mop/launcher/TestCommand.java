package io.mop.launcher;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.Callable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** In a bundle made by {@link TestHome}: offers the commands of its header {@code Test-Commands: run=0,stop=0}. */
public final class TestCommand implements BundleActivator {
  @Override
  public void start(BundleContext context) {
    String commands = context.getBundle().getHeaders().get("Test-Commands");
    for (String command : commands.split(",")) {
      String name = command.substring(0, command.indexOf('='));
      String result = command.substring(command.indexOf('=') + 1);
      Callable<Integer> main =
          () -> {
            System.out.println(name + " config=" + context.getProperty("mop.config") + " state="
                + context.getProperty("mop.state"));
            if (result.startsWith("!")) {
              throw new IllegalStateException(result.substring(1));
            }
            return Integer.valueOf(result);
          };
      Dictionary<String, Object> properties = new Hashtable<>();
      properties.put("mop.main", name);
      context.registerService(Callable.class, main, properties);
    }
  }

  @Override
  public void stop(BundleContext context) {
    System.out.println("bundle stopped");
  }

  /** An activator that fails. */
  public static final class Broken implements BundleActivator {
    @Override
    public void start(BundleContext context) {
      throw new IllegalStateException("no battery");
    }

    @Override
    public void stop(BundleContext context) {}
  }
}
