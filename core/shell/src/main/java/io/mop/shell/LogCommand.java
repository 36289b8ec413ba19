package io.mop.shell;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Component;

/** {@code mop:log [-l LOGGER] LEVEL}: what is logged from now on, until MOP stops. */
@Component(service = LogCommand.class, property = {"osgi.command.scope=mop", "osgi.command.function=log"})
public final class LogCommand {
  private static final Map<String, Level> LEVELS =
      Map.of("error", Level.SEVERE, "warning", Level.WARNING, "info", Level.INFO, "debug", Level.FINE, "trace",
          Level.FINER);
  /** java.util.logging holds loggers weakly, and a level is lost with its logger. */
  private final Map<String, Logger> changed = new ConcurrentHashMap<>();

  @Descriptor("sets the log level, of all loggers or of one and those below it")
  public String log(
      @Descriptor("e.g. io.mop.engine; all if absent") @Parameter(names = {"-l", "--logger"}, absentValue = "")
          String logger,
      @Descriptor("error, warning, info, debug or trace") String level) {
    Level value = LEVELS.get(level.toLowerCase(Locale.ROOT));
    if (value == null) {
      throw new IllegalArgumentException(
          "Log level \"" + level + "\" is unknown: expected error, warning, info, debug or trace.");
    }
    changed.computeIfAbsent(logger, Logger::getLogger).setLevel(value);
    return (logger.isEmpty() ? "All loggers" : logger) + ": " + level.toLowerCase(Locale.ROOT) + "\n";
  }
}
