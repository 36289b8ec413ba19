package io.mop.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * What of the kernel a process holds by descriptors, as /proc/PID/fdinfo tells.
 *
 * @param programs BPF programs
 * @param maps BPF maps
 * @param links BPF links
 */
record BpfFds(int programs, int maps, int links) {
  static BpfFds of(long pid) throws IOException {
    int programs = 0;
    int maps = 0;
    int links = 0;
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path fd : fds) {
        List<String> lines = lines(fd);
        // A link tells its program too.
        if (has(lines, "link_id:")) links++;
        else if (has(lines, "prog_id:")) programs++;
        else if (has(lines, "map_id:")) maps++;
      }
    }
    return new BpfFds(programs, maps, links);
  }

  static List<String> lines(Path fd) throws IOException {
    try {
      return Files.readAllLines(fd);
    } catch (NoSuchFileException e) {
      return List.of(); // closed since
    }
  }

  private static boolean has(List<String> lines, String key) {
    return lines.stream().anyMatch(line -> line.startsWith(key));
  }
}
