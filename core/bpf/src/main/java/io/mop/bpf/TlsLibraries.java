package io.mop.bpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds OpenSSL in processes: in the libraries that they have mapped, and in their program. For one thread. */
final class TlsLibraries {
  /** Also as packers of wheels rename it; not libssl3.so, which is another library. */
  private static final Pattern MAPPED =
      Pattern.compile("\\S+ ..x. \\S+ \\S+ \\d+\\s+(/.*/(libssl(?:-[\\w.]+)?\\.so(?:\\.[\\w.]+)?))( \\(deleted\\))?");
  private static final List<String> USUAL =
      Stream.of("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib64", "usr/lib", "lib")
          .flatMap(directory -> Stream.of(directory + "/libssl.so.3", directory + "/libssl.so.1.1"))
          .toList();
  private static final String PROGRAM = "exe";
  /** The program of a process that may not be looked at. */
  static final String HIDDEN = "";
  private static final int MOST_LINES = 20_000;
  private static final int MOST_LIBRARIES = 8;
  private static final int MOST_READ = 256;
  /** A library that is loaded late is found somewhat later. */
  private static final int FIRST_LOOKS = 10;

  private final Path proc;
  private final Map<Object, Found> read = new LinkedHashMap<>();

  TlsLibraries(Path proc) {
    this.proc = proc;
  }

  /**
   * @param name for people
   * @param file as this process can open it
   * @param program it is the process's own program
   */
  record Library(String name, Path file, boolean program) {
    /** The same for all paths of one file: probes are in a file, not in a path. */
    Object key() {
      try {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      } catch (IOException e) {
        return file;
      }
    }

    /**
     * What only the same file with the same content has. A build id is not enough: whoever writes a library gives it the
     * one of another, and would choose where that one is probed in other processes.
     */
    private Object identity() throws IOException {
      return Files.readAttributes(file, "unix:dev,ino,size,ctime");
    }
  }

  /** @param buildId empty if it has none */
  record Found(String buildId, TlsSites sites) {}

  /** Path of its program; empty if the process is gone, or has none. */
  Optional<String> program(int pid) {
    try {
      return Optional.of(Files.readSymbolicLink(process(pid).resolve(PROGRAM)).toString());
    } catch (AccessDeniedException e) {
      return Optional.of(HIDDEN);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Path process(int pid) {
    return proc.resolve(Integer.toString(pid));
  }

  /** Whether to read the mappings at this look: at each of the first ones, later at every tenth. */
  boolean due(int looks) {
    return looks < FIRST_LOOKS || looks % FIRST_LOOKS == 0;
  }

  /** The libraries that the process has mapped now, and its program. */
  List<Library> of(int pid) {
    Map<String, Library> found = new LinkedHashMap<>();
    try (BufferedReader in = Files.newBufferedReader(process(pid).resolve("maps"), StandardCharsets.ISO_8859_1)) {
      int lines = 0;
      for (String line; (line = in.readLine()) != null && lines++ < MOST_LINES; ) {
        if (!line.contains("/libssl")) continue;
        Matcher m = MAPPED.matcher(line);
        if (!m.matches() || found.size() >= MOST_LIBRARIES) continue;
        // One that was deleted is not opened: what has its name now is another.
        String path = m.group(1) + (m.group(3) == null ? "" : m.group(3));
        found.putIfAbsent(path, new Library(m.group(2), process(pid).resolve("root" + path), false));
      }
      String program = Files.readSymbolicLink(process(pid).resolve(PROGRAM)).getFileName().toString();
      found.put("", new Library(program, process(pid).resolve(PROGRAM), true));
    } catch (IOException e) {
      return List.copyOf(found.values());
    }
    return List.copyOf(found.values());
  }

  /** Those in the usual places of what the process has for a root directory. */
  List<Library> usual(int pid) {
    Path root = process(pid).resolve("root");
    return USUAL.stream().map(root::resolve).filter(Files::isReadable)
        .map(file -> new Library(file.getFileName().toString(), file, false)).toList();
  }

  /** Reads the file, or remembers it. */
  Found read(Library library) throws IOException {
    Object identity = library.identity();
    Found known = read.get(identity);
    if (known != null) return known;
    try (ElfFile elf = ElfFile.open(library.file())) {
      Found found = new Found(elf.buildId().orElse(""), TlsSites.of(elf));
      if (read.size() >= MOST_READ) read.remove(read.keySet().iterator().next());
      read.put(identity, found);
      return found;
    }
  }
}
