package io.mop.shell;

import static io.mop.control.Checks.Check.fail;
import static io.mop.control.Checks.Check.ok;
import static io.mop.control.Checks.Check.warn;

import com.sun.management.UnixOperatingSystemMXBean;
import io.mop.control.Checks.Check;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;

/** What every MOP needs of the machine and of this user. */
final class HostChecks {
  private static final long DESCRIPTORS = 4096;
  /** When this version was made, about: a clock before it is wrong. */
  private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

  private HostChecks() {}

  static Check java() {
    String java = Runtime.version() + " (" + System.getProperty("java.vendor") + ")";
    return Runtime.version().feature() >= 17 ? ok("Java", java) : fail("Java", java + ": MOP needs Java 17 or later");
  }

  /** The directory of {@code mop run}; nothing stays of what is tried. */
  static Check stateDirectory(Path state) {
    String name = "state directory";
    try {
      if (!Files.exists(state)) return missing(name, state);
      if (!Files.isDirectory(state)) return fail(name, state + " is not a directory: name another with --state DIR");
      Files.delete(Files.createTempFile(state, ".doctor", ""));
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(state);
      String text = state + " is writable, mode " + PosixFilePermissions.toString(mode);
      boolean others =
          mode.stream().anyMatch(p -> !p.name().startsWith("OWNER") && !p.name().endsWith("EXECUTE"));
      return others ? warn(name, text + ": others can look into it; chmod 700 " + state) : ok(name, text);
    } catch (IOException e) {
      return fail(name, state + " is not writable for this user: name another with --state DIR or MOP_STATE");
    }
  }

  private static Check missing(String name, Path state) {
    Path parent = state.toAbsolutePath().getParent();
    while (parent != null && !Files.exists(parent)) parent = parent.getParent();
    return parent != null && Files.isDirectory(parent) && Files.isWritable(parent)
        ? ok(name, state + " is not there yet; it will be made with mode rwx------")
        : fail(name, state + " cannot be made by this user: name another with --state DIR or MOP_STATE");
  }

  static Check controlSocket(Path state) {
    String name = "control socket";
    Path socket = state.resolve(ControlSocket.NAME).toAbsolutePath();
    // While it is made its name is longer.
    int room = ControlSocket.MAX_PATH - 32;
    if (state.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length > room) {
      return fail(
          name, "the path of the state directory is too long for a unix socket: at most " + room + " bytes fit");
    }
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) return ok(name, socket + " is free");
    try {
      return ok(
          name,
          ControlSocket.listens(socket)
              ? "a MOP is running at " + socket
              : socket + " is left from a MOP that ended; the next one replaces it");
    } catch (IOException e) {
      return fail(name, socket + " is another user's, or no socket: " + e.getMessage());
    }
  }

  static Check fileDescriptors() {
    String name = "file descriptors";
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean os)) {
      return ok(name, "the system does not say");
    }
    long limit = os.getMaxFileDescriptorCount();
    String text = os.getOpenFileDescriptorCount() + " of " + limit + " are open";
    return limit >= DESCRIPTORS
        ? ok(name, text)
        : warn(name, text + "; each client connection takes one: ulimit -n 65536 (systemd: LimitNOFILE=)");
  }

  /** @param sources where the kernel's clock source stands, {@code /sys/devices/system/clocksource/clocksource0} */
  static Check clock(Instant now, Path sources) {
    String name = "clock";
    if (now.isBefore(EARLIEST)) {
      return fail(name, now + " is in the past: captured spans and waiting times would be wrong; set the time (NTP)");
    }
    String source = "";
    try {
      source = Files.readString(sources.resolve("current_clocksource")).strip();
    } catch (IOException e) {
      // A container may hide it.
    }
    if (source.equals("hpet") || source.equals("acpi_pm") || source.equals("jiffies")) {
      return warn(
          name, "the kernel reads time from " + source + ", which is slow and makes each captured event dearer");
    }
    return ok(name, now + (source.isEmpty() ? "" : ", from " + source));
  }
}
