package io.mop.shell;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Component;

/**
 * {@code mop:log [-l LOGGER] [LEVEL]}: shows or sets what is logged from now on, until MOP stops. {@code inherit} takes
 * back what was set for a logger.
 */
@Component(
    immediate = true,
    service = LogCommand.class,
    property = {"osgi.command.scope=mop", "osgi.command.function=log"})
public final class LogCommand {
  private static final String EXPECTED = "expected error, warning, info, debug or trace";
  private static final Map<String, Level> LEVELS =
      Map.of("error", Level.SEVERE, "warning", Level.WARNING, "info", Level.INFO, "debug", Level.FINE, "trace",
          Level.FINER);
  /** java.util.logging holds loggers weakly, and a level is lost with its logger. */
  private final Map<String, Logger> changed = new ConcurrentSkipListMap<>();

  @Descriptor("shows or sets the log level, of all loggers or of one and those below it")
  public String log(
      @Descriptor("e.g. io.mop.engine; all if absent") @Parameter(names = {"-l", "--logger"}, absentValue = "")
          String logger,
      @Descriptor("error, warning, info, debug or trace; inherit: as the logger above; absent: show it")
          String... level) {
    if (level.length > 1) throw new IllegalArgumentException("One level is enough: " + EXPECTED + ".");
    if (level.length == 0) return logger.isEmpty() ? all() : logger + ": " + name(effective(logger)) + "\n";
    String name = level[0].toLowerCase(Locale.ROOT);
    if (name.equals("inherit") && !logger.isEmpty()) {
      Logger.getLogger(logger).setLevel(null);
      changed.remove(logger);
      return logger + ": " + name(effective(logger)) + "\n";
    }
    Level value = LEVELS.get(name);
    if (value == null) {
      throw new IllegalArgumentException("Log level \"" + level[0] + "\" is unknown: " + EXPECTED + ".");
    }
    changed.computeIfAbsent(logger, Logger::getLogger).setLevel(value);
    return (logger.isEmpty() ? "All loggers" : logger) + ": " + name + "\n";
  }

  private String all() {
    StringBuilder b = new StringBuilder("All loggers: " + name(effective("")) + "\n");
    changed.forEach((name, logger) -> {
      if (!name.isEmpty()) b.append(name).append(": ").append(name(effective(name))).append('\n');
    });
    return b.toString();
  }

  /** Of the logger, or the nearest above that has one. */
  private static Level effective(String name) {
    Logger l = Logger.getLogger(name);
    while (l.getLevel() == null && l.getParent() != null) l = l.getParent();
    return l.getLevel() == null ? Level.INFO : l.getLevel();
  }

  private static String name(Level level) {
    return LEVELS.entrySet().stream()
        .filter(e -> e.getValue().equals(level))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(level.getName().toLowerCase(Locale.ROOT));
  }
}
