package io.mop.launcher;

import java.lang.System.Logger.Level;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceReference;

/** What Felix would print to standard output, as log records. */
final class FelixLog extends org.apache.felix.framework.Logger {
  private static final System.Logger LOG = System.getLogger("org.apache.felix.framework");

  @Override
  @SuppressWarnings("rawtypes")
  protected void doLog(Bundle bundle, ServiceReference reference, int level, String message, Throwable problem) {
    // A bundle that does not start is the launcher's to report, in one sentence and with its name.
    boolean reported = problem instanceof BundleException;
    LOG.log(reported ? Level.DEBUG : of(level), bundle == null ? message : bundle.getSymbolicName() + ": " + message,
        problem);
  }

  @Override
  protected void doLog(int level, String message, Throwable problem) {
    LOG.log(of(level), message, problem);
  }

  private static Level of(int level) {
    return switch (level) {
      case LOG_ERROR -> Level.ERROR;
      case LOG_WARNING -> Level.WARNING;
      case LOG_INFO -> Level.INFO;
      default -> Level.DEBUG;
    };
  }

  /** The root of a problem on one line: Felix wraps an activator's exception in one that only says so. */
  static String sentence(Throwable problem) {
    Throwable root = problem;
    while (root instanceof BundleException && root.getCause() != null) {
      root = root.getCause();
    }
    String text = root instanceof BundleException || root.getMessage() == null ? root.getMessage() : root.toString();
    String line = (text == null ? root.toString() : text).strip().replaceAll("\\s*\\R\\s*", " ");
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }
}
