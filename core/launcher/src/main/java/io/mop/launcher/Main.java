package io.mop.launcher;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The launcher without the command line tool: {@code Main run|validate} with the settings as system properties. */
public final class Main {
  private static final String USAGE =
      "Usage: java -Dmop.home=DIR -Dmop.config=FILE -Dmop.state=DIR io.mop.launcher.Main run|validate";

  private Main() {}

  /**
   * Reads {@code mop.home}, {@code mop.config}, {@code mop.state} (for {@code run}) and, optionally, {@code
   * mop.feature}, {@code mop.telemetry}, {@code mop.log.format} and {@code mop.log.level}.
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(launch(args.length == 1 ? args[0] : ""));
  }

  private static int launch(String command) throws InterruptedException {
    boolean run = command.equals("run");
    Optional<Path> state = path("mop.state");
    if (!run && !command.equals("validate")
        || path("mop.home").isEmpty() || path("mop.config").isEmpty() || run && state.isEmpty()) {
      System.err.println(USAGE);
      return 2;
    }
    Path home = path("mop.home").get();
    Path config = path("mop.config").get();
    String feature = System.getProperty("mop.feature", "all-in-one");
    String address = System.getProperty("mop.telemetry");
    Map<String, String> telemetry = address == null ? Map.of() : Map.of("mop.telemetry", address);
    Logs logs;
    try {
      logs =
          Logs.install(
              Logs.Format.parse(System.getProperty("mop.log.format", "text")),
              Logs.level(System.getProperty("mop.log.level", "info")));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 2;
    }
    try {
      return Launcher.launch(
          run ? Launch.run(home, feature, config, state.get(), telemetry) : Launch.validate(home, feature, config));
    } catch (LaunchException e) {
      System.getLogger("io.mop.launcher").log(Level.ERROR, e.getMessage());
      return e.exitCode();
    } finally {
      logs.close();
    }
  }

  private static Optional<Path> path(String property) {
    return Optional.ofNullable(System.getProperty(property)).map(Path::of);
  }
}
