package io.mop.capture;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads single files of a proc file system; where no exception is declared, what is gone or forbidden is empty. */
final class ProcFs {
  private static final int MAX_ENVIRON = 1 << 20;
  private static final int MAX_COMMAND = 64 << 10;
  private static final int MAX_CGROUPS = 64 << 10;
  private static final String DELETED = " (deleted)";

  private final Path root;

  ProcFs(Path root) {
    this.root = root;
  }

  /** All processes. By {@link File}, as what is read every second below: a Path for each costs more than to read it. */
  List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    String[] entries = root.toFile().list();
    for (String name : entries == null ? new String[0] : entries) {
      if (name.charAt(0) >= '1' && name.charAt(0) <= '9') pid(name).ifPresent(pids::add);
    }
    return pids;
  }

  private static Optional<Integer> pid(String s) {
    if (s.isEmpty()) return Optional.empty();
    try {
      return Optional.of(Integer.parseInt(s));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private Path of(int pid, String file) {
    return root.resolve(Integer.toString(pid)).resolve(file);
  }

  private static Optional<String> text(Path file) {
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String link(Path file) throws IOException {
    return Files.readSymbolicLink(file).toString();
  }

  private static byte[] beginning(Path file, int max) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(max);
    }
  }

  /** Clock ticks from boot to the start of the process; empty if it is gone (zombies have none left to observe). */
  OptionalLong startTime(int pid) {
    Optional<String> stat = text(of(pid, "stat"));
    if (stat.isEmpty()) return OptionalLong.empty();
    String[] f = stat.get().substring(stat.get().lastIndexOf(')') + 1).trim().split(" ");
    if (f.length < 20 || f[0].equals("Z") || f[0].equals("X")) return OptionalLong.empty();
    try {
      return OptionalLong.of(Long.parseLong(f[19]));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether reading failed for want of a privilege, not because the process or the file is gone. */
  boolean forbidden(int pid, IOException failure) {
    if (failure instanceof AccessDeniedException) return true;
    // Mounted with hidepid=1: every file of the process is refused, by an error that has no exception of its own.
    return !(failure instanceof NoSuchFileException) && exists(pid) && !Files.isReadable(of(pid, "stat"));
  }

  private boolean exists(int pid) {
    return Files.isDirectory(root.resolve(Integer.toString(pid))); // what is hidden does not count for Files.exists
  }

  /** The process of a thread, 0 if it is gone. */
  int tgid(int tid) {
    String status = text(of(tid, "status")).orElse("");
    int at = status.indexOf("\nTgid:");
    if (at < 0) return 0;
    int end = status.indexOf('\n', at + 6);
    return pid(status.substring(at + 6, end < 0 ? status.length() : end).trim()).orElse(0);
  }

  /** Its number in its own PID namespace, if that is not the one that this file system shows. */
  Optional<Integer> innerPid(int pid) {
    String status = text(of(pid, "status")).orElse("");
    Optional<String> line = status.lines().filter(l -> l.startsWith("NSpid:")).findFirst();
    String[] ids = line.map(l -> l.substring(6).strip().split("\\s+")).orElse(new String[0]);
    return ids.length > 1 ? pid(ids[ids.length - 1]) : Optional.empty();
  }

  /** Path of the program as the process sees it. */
  String exe(int pid) throws IOException {
    String path = link(of(pid, "exe"));
    return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
  }

  /** The arguments, joined by one blank each; of long ones the first 64 KiB. */
  String command(int pid) throws IOException {
    byte[] arguments = beginning(of(pid, "cmdline"), MAX_COMMAND);
    int end = arguments.length;
    while (end > 0 && arguments[end - 1] == 0) end--; // several after a title that the process gave itself
    return new String(arguments, 0, end, StandardCharsets.UTF_8).replace('\0', ' ');
  }

  /** The control groups, a line a hierarchy, that of cgroup v2 as {@code 0::PATH}; empty on a kernel without any. */
  String cgroups(int pid) throws IOException {
    try {
      return new String(beginning(of(pid, "cgroup"), MAX_CGROUPS), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      if (exists(pid)) return "";
      throw e;
    }
  }

  /** Name of the program's file, else of the process as the kernel has it (up to 15 characters). */
  Optional<String> executableName(int pid) {
    return executable(pid)
        .or(() -> text(of(pid, "comm")).map(String::strip))
        .filter(s -> !s.isEmpty());
  }

  private Optional<String> executable(int pid) {
    try {
      String path = exe(pid);
      return Optional.of(path.substring(path.lastIndexOf('/') + 1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Value of one environment variable as the process was started. */
  Optional<String> environment(int pid, String variable) {
    byte[] all;
    try {
      all = beginning(of(pid, "environ"), MAX_ENVIRON);
    } catch (IOException e) {
      return Optional.empty();
    }
    byte[] name = (variable + "=").getBytes(StandardCharsets.UTF_8);
    for (int at = 0, end; at < all.length; at = end + 1) {
      for (end = at; end < all.length && all[end] != 0; ) end++;
      if (end - at >= name.length && java.util.Arrays.equals(all, at, at + name.length, name, 0, name.length)) {
        return Optional.of(new String(all, at + name.length, end - at - name.length, StandardCharsets.UTF_8));
      }
    }
    return Optional.empty();
  }

  Optional<String> hostName() {
    return text(root.resolve("sys/kernel/hostname")).map(String::strip).filter(s -> !s.isEmpty());
  }

  /** Child processes of all threads of the process. */
  List<Integer> children(int pid) {
    List<Integer> children = new ArrayList<>();
    Path tasks = of(pid, "task");
    String[] threads = tasks.toFile().list();
    for (String thread : threads == null ? new String[0] : threads) {
      for (String s : text(tasks.resolve(thread).resolve("children")).orElse("").split(" ")) {
        pid(s.strip()).ifPresent(children::add);
      }
    }
    return children;
  }

  /** Identity of the process's network. */
  String network(int pid) throws IOException {
    return link(of(pid, "ns/net"));
  }

  /** Listening TCP sockets in the network of the process: inode to port. */
  Map<Long, Integer> listening(int pid) {
    Map<Long, Integer> sockets = new HashMap<>();
    try {
      listening(pid, sockets);
    } catch (IOException e) {
      return sockets;
    }
    return sockets;
  }

  /** The same, added to {@code sockets}. */
  void listening(int pid, Map<Long, Integer> sockets) throws IOException {
    Path four = of(pid, "net/tcp");
    Path six = of(pid, "net/tcp6");
    listening(four, sockets);
    if (Files.exists(six)) listening(six, sockets);
    else if (!Files.exists(four)) throw new NoSuchFileException(six.toString()); // ended; else IPv6 is switched off
  }

  /** The kernel lists the listening ones first, so that thousands of connections need not be read. */
  private static void listening(Path file, Map<Long, Integer> sockets) throws IOException {
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      in.readLine();
      for (String line; (line = in.readLine()) != null; ) {
        String[] f = line.trim().split("\\s+");
        if (f.length < 10 || !f[3].equals("0A")) return;
        int port = Integer.parseInt(f[1].substring(f[1].indexOf(':') + 1), 16);
        sockets.put(Long.parseLong(f[9]), port);
      }
    } catch (NumberFormatException e) {
      return;
    }
  }

  /** Inodes of the sockets that the process has open. */
  List<Long> sockets(int pid) throws IOException {
    List<Long> inodes = new ArrayList<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(of(pid, "fd"))) {
      for (Path fd : fds) socket(fd).ifPresent(inodes::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return inodes;
  }

  /** TCP ports that the process itself listens on. */
  Set<Integer> listeningPorts(int pid) throws IOException {
    Map<Long, Integer> sockets = new HashMap<>();
    listening(pid, sockets);
    sockets.keySet().retainAll(sockets(pid));
    return Set.copyOf(sockets.values());
  }

  private static OptionalLong socket(Path fd) throws IOException {
    try {
      String target = link(fd);
      if (!target.startsWith("socket:[") || !target.endsWith("]")) return OptionalLong.empty();
      return OptionalLong.of(Long.parseLong(target.substring(8, target.length() - 1)));
    } catch (NoSuchFileException | NumberFormatException e) { // closed meanwhile
      return OptionalLong.empty();
    }
  }
}
