package io.mop.bpf;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /proc} and {@code /sys} say about this machine and process.
 *
 * @param root where they are, {@code /}
 */
record Machine(Path root) {
  private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");

  /** Linux capabilities by number, linux/capability.h. */
  enum Capability {
    DAC_OVERRIDE(1),
    DAC_READ_SEARCH(2),
    SYS_PTRACE(19),
    SYS_ADMIN(21),
    SYS_RESOURCE(24),
    PERFMON(38),
    BPF(39);

    private final int number;

    Capability(int number) {
      this.number = number;
    }
  }

  /** The file's text, stripped; empty if it cannot be read. */
  Optional<String> text(String file) {
    try {
      return Optional.of(Files.readString(root.resolve(file), StandardCharsets.ISO_8859_1).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean exists(String file) {
    return Files.exists(root.resolve(file));
  }

  /** Of {@code proc/self/status}, e.g. Seccomp. */
  Optional<String> status(String key) {
    return lines("proc/self/status").stream()
        .filter(l -> l.startsWith(key + ":"))
        .map(l -> l.substring(key.length() + 1).strip())
        .findFirst();
  }

  List<String> lines(String file) {
    return text(file).map(t -> t.lines().toList()).orElse(List.of());
  }

  /** Whether one of them is in effect. */
  boolean has(Capability... any) {
    long effective = status("CapEff").map(hex -> Long.parseUnsignedLong(hex, 16)).orElse(0L);
    return Arrays.stream(any).anyMatch(c -> (effective >>> c.number & 1) != 0);
  }

  /** Where a file system of this type is mounted. */
  Optional<String> mountedAt(String type) {
    return lines("proc/self/mounts").stream()
        .map(l -> l.split(" "))
        .filter(m -> m.length > 2 && m[2].equals(type))
        .map(m -> m[1])
        .findFirst();
  }

  String release() {
    return text("proc/sys/kernel/osrelease").orElse("unknown");
  }

  /** Whether the kernel is of this version or later; true if it cannot be told. */
  boolean atLeast(int major, int minor) {
    Matcher m = RELEASE.matcher(release());
    if (!m.matches()) return true;
    int is = Integer.parseInt(m.group(1));
    return is > major || is == major && Integer.parseInt(m.group(2)) >= minor;
  }
}
