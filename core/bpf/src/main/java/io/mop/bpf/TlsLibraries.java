package io.mop.bpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds OpenSSL in processes: in the libraries that they have mapped, and in their program. For one thread. */
final class TlsLibraries {
  /** Also as packers of wheels rename it; not libssl3.so, which is another library. */
  private static final Pattern MAPPED =
      Pattern.compile("\\S+ ..x. \\S+ \\S+ \\d+\\s+(/.*/(libssl(?:-[\\w.]+)?\\.so(?:\\.[\\w.]+)?))( \\(deleted\\))?");
  static final String PROGRAM = "exe";
  /** The program of a process that may not be looked at. */
  static final String HIDDEN = "";
  private static final int MOST_LINES = 20_000;
  private static final int MOST_LIBRARIES = 8;
  private static final int MOST_READ = 256;
  /** A library that is loaded late is found somewhat later. */
  private static final int FIRST_LOOKS = 10;

  private final Path proc;
  private final Map<String, TlsSites> byBuildId = new LinkedHashMap<>();

  TlsLibraries(Path proc) {
    this.proc = proc;
  }

  /**
   * @param name for people
   * @param file as this process can open it
   * @param program it is the process's own program
   */
  record Library(String name, Path file, boolean program) {}

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
        found.putIfAbsent(m.group(1), new Library(m.group(2), process(pid).resolve("root" + m.group(1)), false));
      }
      String program = Files.readSymbolicLink(process(pid).resolve(PROGRAM)).getFileName().toString();
      found.put("", new Library(program, process(pid).resolve(PROGRAM), true));
    } catch (IOException e) {
      return List.copyOf(found.values());
    }
    return List.copyOf(found.values());
  }

  /** Reads the file, or remembers it. */
  Found read(Library library) throws IOException {
    try (ElfFile elf = ElfFile.open(library.file())) {
      String id = elf.buildId().orElse("");
      TlsSites known = byBuildId.get(id);
      if (known != null) return new Found(id, known);
      TlsSites sites = TlsSites.of(elf);
      if (byBuildId.size() >= MOST_READ) byBuildId.remove(byBuildId.keySet().iterator().next());
      if (!id.isEmpty()) byBuildId.put(id, sites);
      return new Found(id, sites);
    }
  }
}
