package io.mop.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where standard output goes. */
public final class Terminal {
  private Terminal() {}

  /** True if it is a terminal that can be drawn on. */
  public static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty")) && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }

  /** A terminal, and colours are wanted: {@code NO_COLOR} is not set. */
  public static boolean isColored() {
    return isTerminal() && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
  }
}
