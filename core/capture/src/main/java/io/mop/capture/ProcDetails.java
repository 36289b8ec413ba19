package io.mop.capture;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads what names a process in a proc file system; what is gone or forbidden is empty. */
final class ProcDetails {
  /** Longest name of a process that the kernel keeps, in bytes. */
  private static final int KERNEL_NAME = 15;
  private static final int MAX_ARGUMENTS = 1 << 20;
  /** Of one argument: longer ones are values, and name nothing. */
  private static final int MAX_ARGUMENT = 1024;

  private static final int MAX_FILE = 1 << 20;

  private final Path root;
  private final ProcFs proc;

  /** @param root a proc file system */
  ProcDetails(Path root) {
    this.root = root;
    proc = new ProcFs(root);
  }

  private Path of(int pid, String file) {
    return root.resolve(Integer.toString(pid)).resolve(file);
  }

  /** The command line, beginning with the program; one that the process wrote over may be a single text. */
  List<String> arguments(int pid) {
    byte[] all;
    try (InputStream in = Files.newInputStream(of(pid, "cmdline"))) {
      all = in.readNBytes(MAX_ARGUMENTS);
    } catch (IOException e) {
      return List.of();
    }
    if (all.length == 0) return List.of();
    String[] arguments = new String(all, StandardCharsets.UTF_8).split("\0"); // without padding of an overwritten one
    return Arrays.stream(arguments).map(a -> a.length() > MAX_ARGUMENT ? a.substring(0, MAX_ARGUMENT) : a).toList();
  }

  /**
   * The name that a program was called by, where arguments and kernel agree on it. It differs from the file's where a
   * link leads to a program of several names, such as redis-server to redis-check-rdb.
   */
  Optional<String> calledBy(int pid) {
    String kernel = small(of(pid, "comm")).map(String::strip).orElse("");
    List<String> arguments = arguments(pid);
    if (kernel.isEmpty() || arguments.isEmpty()) return Optional.empty();
    String first = arguments.get(0).split(" ", 2)[0];
    String name = first.substring(first.lastIndexOf('/') + 1);
    boolean cut = kernel.length() == KERNEL_NAME && name.startsWith(kernel);
    return Optional.of(name).filter(n -> cut || n.equals(kernel));
  }

  /** The parent process, 0 if it has none here. */
  int parent(int pid) {
    try {
      String stat = Files.readString(of(pid, "stat"), StandardCharsets.ISO_8859_1);
      String[] f = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
      return f.length < 2 ? 0 : Integer.parseInt(f[1]);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /** The text of the cgroup file. */
  String cgroups(int pid) {
    try {
      return proc.cgroups(pid);
    } catch (IOException e) {
      return "";
    }
  }

  /** Path of the program as the process sees it. */
  Optional<String> exe(int pid) {
    try {
      return Optional.of(proc.exe(pid));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Name of a container, if its engine keeps it on this machine. */
  Optional<String> containerName(String id) {
    try {
      return new ContainerNames(root).of(id);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The working directory as the process sees it. */
  Optional<Path> directory(int pid) {
    try {
      return Optional.of(Files.readSymbolicLink(of(pid, "cwd")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A small regular file where the process sees it, which may be in a container. */
  Optional<String> file(int pid, String path) {
    try {
      return small(of(pid, "root").resolve(path.replaceFirst("^/+", "")));
    } catch (InvalidPathException e) { // not in this process's character set
      return Optional.empty();
    }
  }

  /** A regular file of up to 1 MiB: a pipe would keep the reader waiting, and a link may lead elsewhere. */
  static Optional<String> small(Path file) {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) return Optional.empty();
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.of(new String(in.readNBytes(MAX_FILE), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
