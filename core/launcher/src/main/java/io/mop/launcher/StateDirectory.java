package io.mop.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory of one running MOP: locked, so that two never share one, and private to its user when created. */
final class StateDirectory implements AutoCloseable {
  private static final String LOCK = "mop.lock";
  private final Path path;
  private final FileChannel lock;
  private final boolean temporary;

  private StateDirectory(Path path, FileChannel lock, boolean temporary) {
    this.path = path;
    this.lock = lock;
    this.temporary = temporary;
  }

  static StateDirectory temporary() throws LaunchException {
    try {
      Path path = Files.createTempDirectory("mop-");
      return new StateDirectory(path, lock(path), true);
    } catch (IOException e) {
      throw new LaunchException(1, "No temporary directory could be made: " + reason(e) + ".");
    }
  }

  static StateDirectory open(Path path) throws LaunchException {
    try {
      if (!Files.isDirectory(path)) {
        if (path.getParent() != null) {
          Files.createDirectories(path.getParent());
        }
        Files.createDirectory(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return new StateDirectory(path, lock(path), false);
    } catch (IOException e) {
      throw new LaunchException(
          e instanceof AccessDeniedException ? 6 : 1,
          "State directory " + path + " cannot be used: " + reason(e)
              + "; name another with --state DIR or MOP_STATE.");
    }
  }

  private static FileChannel lock(Path path) throws IOException, LaunchException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      String pid = Files.readString(path.resolve(LOCK)).strip();
      channel.close();
      throw new LaunchException(1, "MOP is already running with state directory " + path + " (process " + pid + ").");
    }
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
    return channel;
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "it is not writable for this user";
    }
    if (e instanceof FileAlreadyExistsException f) {
      return f.getFile() + " is not a directory";
    }
    return e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
  }

  Path path() {
    return path;
  }

  /** Where Felix keeps its books; emptied at every start, as the feature says what is installed. */
  Path framework() {
    return path.resolve("felix");
  }

  @Override
  public void close() throws IOException {
    lock.close();
    if (temporary) {
      List<Path> files;
      try (Stream<Path> tree = Files.walk(path)) {
        files = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }
}
