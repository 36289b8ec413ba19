package io.mop.itest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What of the kernel's BPF a process holds by descriptors. */
final class Kernel {
  private Kernel() {}

  /** How many programs, maps and links, by what /proc/PID/fdinfo calls them. */
  static Map<String, Integer> held(long pid) throws IOException {
    Map<String, Integer> held = new TreeMap<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path fd : fds) held.merge(kind(fd), 1, Integer::sum);
    }
    held.remove("");
    return held;
  }

  private static String kind(Path fd) throws IOException {
    try {
      String text = Files.readString(fd);
      // A link tells its program too.
      for (String id : new String[] {"link_id", "prog_id", "map_id"}) if (text.contains(id + ":")) return id;
      return "";
    } catch (NoSuchFileException e) {
      return ""; // closed since
    }
  }
}
