package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Memory of the kernel that the BPF maps of a process hold. */
final class LockedMemory {
  private LockedMemory() {}

  /** In MB, as /proc/PID/fdinfo tells ({@code memlock}); a map that is open twice counts once. */
  static double megabytes(long pid) throws IOException {
    Map<String, Long> maps = new TreeMap<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path fd : fds) {
        long bytes = 0;
        String map = "";
        for (String line : BpfFds.lines(fd)) {
          if (line.startsWith("memlock:")) bytes = Long.parseLong(line.substring(8).strip());
          if (line.startsWith("map_id:")) map = line;
        }
        if (!map.isEmpty()) maps.put(map, bytes);
      }
    }
    return maps.values().stream().mapToLong(Long::longValue).sum() / 1048576.0;
  }
}
