package io.mop.assemble;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A tar.gz whose bytes depend on its content only: sorted, one time, root's, fixed modes. */
final class Tarball {
  private sealed interface Item permits Bytes, Link {}

  private record Bytes(byte[] content, boolean executable) implements Item {}

  private record Link(String target) implements Item {}

  private final SortedMap<String, Item> items = new TreeMap<>();
  private final TreeSet<String> directories = new TreeSet<>();

  void add(String name, byte[] content) {
    put(name, new Bytes(content, false));
  }

  void add(String name, String text) {
    add(name, text.getBytes(StandardCharsets.UTF_8));
  }

  void add(String name, Path file) throws IOException {
    put(name, new Bytes(Files.readAllBytes(file), Files.isExecutable(file)));
  }

  /** @param target relative to the link's directory */
  void link(String name, String target) {
    put(name, new Link(target));
  }

  /** An empty one; those of files come by themselves. */
  void directory(String name) {
    directories.add(name + "/");
  }

  private void put(String name, Item item) {
    if (items.put(name, item) != null) {
      throw new IllegalStateException("twice: " + name);
    }
    for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
      directories.add(name.substring(0, slash + 1));
    }
  }

  /** Written beside the file and renamed, so that there is never half a tar. */
  void write(Path file, String prefix, Instant time) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    // The JDK's header has no time, and no name.
    try (OutputStream out = Files.newOutputStream(part);
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 16);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(gzip, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      UnaryOperator<TarArchiveEntry> root = entry -> {
        entry.setModTime(time.toEpochMilli());
        entry.setIds(0, 0);
        entry.setNames("root", "root");
        return entry;
      };
      SortedMap<String, Item> all = new TreeMap<>(items);
      directories.forEach(name -> all.put(name, new Link("")));
      write(tar, root, entryOfDirectory(prefix + "/"), new byte[0]);
      for (Map.Entry<String, Item> e : all.entrySet()) {
        String name = prefix + "/" + e.getKey();
        if (name.endsWith("/")) {
          write(tar, root, entryOfDirectory(name), new byte[0]);
        } else if (e.getValue() instanceof Bytes bytes) {
          TarArchiveEntry entry = new TarArchiveEntry(name);
          entry.setMode(bytes.executable() ? 0100755 : 0100644);
          entry.setSize(bytes.content().length);
          write(tar, root, entry, bytes.content());
        } else if (e.getValue() instanceof Link link) {
          TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
          entry.setLinkName(link.target());
          entry.setMode(0120777);
          write(tar, root, entry, new byte[0]);
        }
      }
    }
    Files.move(part, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private static TarArchiveEntry entryOfDirectory(String name) {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setMode(040755);
    return entry;
  }

  private static void write(
      TarArchiveOutputStream tar, UnaryOperator<TarArchiveEntry> root, TarArchiveEntry entry, byte[] content)
      throws IOException {
    tar.putArchiveEntry(root.apply(entry));
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
