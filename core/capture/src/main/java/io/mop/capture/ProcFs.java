package io.mop.capture;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads single files of a proc file system; what is gone or forbidden is empty. */
final class ProcFs {
  private static final int MAX_ENVIRON = 1 << 20;
  private static final String DELETED = " (deleted)";

  private final Path root;

  ProcFs(Path root) {
    this.root = root;
  }

  /** All processes. */
  List<Integer> pids() {
    List<Integer> pids = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, "[1-9]*")) {
      for (Path p : entries) pid(p.getFileName().toString()).ifPresent(pids::add);
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return pids;
    }
    return pids;
  }

  private static Optional<Integer> pid(String s) {
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
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> link(Path file) {
    try {
      return Optional.of(Files.readSymbolicLink(file).toString());
    } catch (IOException e) {
      return Optional.empty();
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

  /** Whether the process exists and may not be looked at. */
  boolean forbidden(int pid) {
    return Files.exists(of(pid, "fd")) && !Files.isReadable(of(pid, "fd"));
  }

  /** The process of a thread, 0 if it is gone. */
  int tgid(int tid) {
    String status = text(of(tid, "status")).orElse("");
    int at = status.indexOf("\nTgid:");
    if (at < 0) return 0;
    int end = status.indexOf('\n', at + 6);
    return pid(status.substring(at + 6, end < 0 ? status.length() : end).trim()).orElse(0);
  }

  /** Path of the program as the process sees it. */
  Optional<String> exe(int pid) {
    return link(of(pid, "exe")).map(s -> s.endsWith(DELETED) ? s.substring(0, s.length() - DELETED.length()) : s);
  }

  /** Name of the program's file, else of the process as the kernel has it (up to 15 characters). */
  Optional<String> executableName(int pid) {
    return exe(pid)
        .map(s -> s.substring(s.lastIndexOf('/') + 1))
        .or(() -> text(of(pid, "comm")).map(String::strip))
        .filter(s -> !s.isEmpty());
  }

  /** Value of one environment variable as the process was started. */
  Optional<String> environment(int pid, String variable) {
    byte[] all;
    try (InputStream in = Files.newInputStream(of(pid, "environ"))) {
      all = in.readNBytes(MAX_ENVIRON);
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
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(of(pid, "task"))) {
      for (Path t : threads) {
        for (String s : text(t.resolve("children")).orElse("").split(" ")) pid(s.strip()).ifPresent(children::add);
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return children;
    }
    return children;
  }

  /** Identity of the process's network; empty if it may not be looked at. */
  Optional<String> network(int pid) {
    return link(of(pid, "ns/net"));
  }

  /** Listening TCP sockets in the network of the process: inode to port. */
  Map<Long, Integer> listening(int pid) {
    Map<Long, Integer> sockets = new HashMap<>();
    listening(of(pid, "net/tcp"), sockets);
    listening(of(pid, "net/tcp6"), sockets);
    return sockets;
  }

  /** The kernel lists the listening ones first, so that thousands of connections need not be read. */
  private static void listening(Path file, Map<Long, Integer> sockets) {
    try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      in.readLine();
      for (String line; (line = in.readLine()) != null; ) {
        String[] f = line.trim().split("\\s+");
        if (f.length < 10 || !f[3].equals("0A")) return;
        int port = Integer.parseInt(f[1].substring(f[1].indexOf(':') + 1), 16);
        sockets.put(Long.parseLong(f[9]), port);
      }
    } catch (IOException | NumberFormatException e) {
      return;
    }
  }

  /** Inodes of the sockets that the process has open; empty if it may not be looked at. */
  Optional<List<Long>> sockets(int pid) {
    List<Long> inodes = new ArrayList<>();
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(of(pid, "fd"))) {
      for (Path fd : fds) {
        String target = link(fd).orElse("");
        if (!target.startsWith("socket:[") || !target.endsWith("]")) continue;
        inodes.add(Long.parseLong(target.substring(8, target.length() - 1)));
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException | NumberFormatException e) {
      return Optional.empty();
    }
    return Optional.of(inodes);
  }
}
