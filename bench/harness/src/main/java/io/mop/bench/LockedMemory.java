package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Memory of the kernel that the BPF maps of a process hold, as /proc/PID/fdinfo tells. */
final class LockedMemory {
  private LockedMemory() {}

  /** Bytes by map id, a map that is open twice once. */
  private static Map<String, Long> maps(long pid) throws IOException {
    Map<String, Long> bytes = new TreeMap<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path fd : fds) {
        String memory = "";
        String id = "";
        for (String line : lines(fd)) {
          if (line.startsWith("memlock:")) memory = line.substring(8).strip();
          if (line.startsWith("map_id:")) id = line;
        }
        if (!id.isEmpty()) bytes.put(id, Long.parseLong(memory));
      }
    }
    return bytes;
  }

  static double megabytes(long pid) throws IOException {
    return maps(pid).values().stream().mapToLong(Long::longValue).sum() / 1048576.0;
  }

  private static Iterable<String> lines(Path fd) throws IOException {
    try {
      return Files.readAllLines(fd);
    } catch (NoSuchFileException e) {
      return List.of(); // closed since
    }
  }
}
