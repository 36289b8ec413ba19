package io.mop.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A made-up proc file system: its network has listeners on 8080 (socket 500), 80 (501) and 9090 (503, IPv6). */
final class FakeProc {
  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

  private final Path root;

  FakeProc(Path root) {
    this.root = root;
  }

  /** A process; {@code sockets} are inodes it has open. */
  void process(int pid, long start, String exe, List<Integer> children, long... sockets) throws IOException {
    for (String directory : List.of("task/" + pid, "fd", "ns", "net")) {
      Files.createDirectories(file(pid, directory));
    }
    write(pid, "stat", pid + " (a ) b) S 0" + " 0".repeat(17) + " " + start + " 0 0\n");
    write(pid, "status", "Name:\ta ) b\nTgid:\t" + pid + "\n");
    write(pid, "task/" + pid + "/children", String.join(" ", children.stream().map(c -> "" + c).toList()) + " ");
    link(pid, "exe", exe);
    link(pid, "ns/net", "net:[1]");
    link(pid, "fd/0", "pipe:[9]");
    for (int i = 0; i < sockets.length; i++) link(pid, "fd/" + (i + 3), "socket:[" + sockets[i] + "]");
    write(
        pid,
        "net/tcp",
        HEAD
            + line(0, "0100007F:1F90", "00000000:0000", "0A", 500)
            + line(1, "00000000:0050", "00000000:0000", "0A", 501)
            + line(2, "0100007F:1F91", "0100007F:9C40", "01", 502));
    write(pid, "net/tcp6", HEAD + line(0, "0".repeat(32) + ":2382", "0".repeat(37), "0A", 503));
  }

  /** Moves a process into a network of its own, in which {@code socket} listens on {@code port}. */
  void network(int pid, int number, int port, long socket) throws IOException {
    link(pid, "ns/net", "net:[" + number + "]");
    write(pid, "net/tcp", HEAD + line(0, "00000000:%04X".formatted(port), "00000000:0000", "0A", socket));
    Files.delete(file(pid, "net/tcp6"));
  }

  private static String line(int n, String local, String remote, String state, long inode) {
    return "   " + n + ": " + local + " " + remote + " " + state
        + " 00000000:00000000 00:00000000 00000000  1000        0 " + inode + " 1 0000000000000000 100 0 0 10 0\n";
  }

  Path file(int pid, String file) {
    return root.resolve("" + pid).resolve(file);
  }

  void write(int pid, String file, String text) throws IOException {
    Files.writeString(file(pid, file), text);
  }

  void link(int pid, String file, String target) throws IOException {
    Files.deleteIfExists(file(pid, file));
    Files.createSymbolicLink(file(pid, file), Path.of(target));
  }

  void gone(int pid) throws IOException {
    Files.delete(file(pid, "stat"));
  }
}
