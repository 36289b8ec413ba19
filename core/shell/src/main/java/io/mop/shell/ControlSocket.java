package io.mop.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The unix domain socket {@code mop.sock}, open to its user only. One command a connection: the client sends one line
 * (UTF-8, at most 64 KiB, ended by {@code \n}); the server sends the command's output, whole lines, then one last line
 * with the exit code in decimal, and closes. An end without that line means that the command did not finish. Lines that
 * begin with {@code mop: } are messages, not data. A client that closes its end ends a command that goes on by itself,
 * such as {@code mop:tap}.
 */
final class ControlSocket implements AutoCloseable {
  static final String NAME = "mop.sock";
  static final int MAX_LINE = 64 << 10;
  /** Connections served at one time; another is refused. */
  static final int MAX_CONNECTIONS = 8;
  /** {@code sun_path} of Linux, less its final 0. */
  static final int MAX_PATH = 107;

  private static final Logger LOG = System.getLogger("io.mop.shell");

  /** Runs one command. */
  interface Commands {
    /** @return the exit code; the command's output and messages went to {@code out} */
    int run(String line, ClientOutput out) throws IOException;
  }

  private final Path path;
  private final Object key;
  private final ServerSocketChannel server;
  private final Commands commands;
  private final Duration patience;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, r -> daemon(r, "mop-shell-timer"));

  private ControlSocket(Path path, ServerSocketChannel server, Commands commands, Duration patience)
      throws IOException {
    this.path = path;
    this.key = key(path);
    this.server = server;
    this.commands = commands;
    this.patience = patience;
    timer.setRemoveOnCancelPolicy(true);
    daemon(this::accept, "mop-shell").start();
  }

  /**
   * Makes the socket in {@code directory}, in the place of one that a dead process left.
   *
   * @param patience how long a client may take to send its line
   * @throws IOException with a sentence, if the directory is not usable or a living process listens there
   */
  static ControlSocket open(Path directory, Duration patience, Commands commands) throws IOException {
    Path path = directory.resolve(NAME).toAbsolutePath();
    // The name while it is made: never longer than needed, as 107 bytes are all there are.
    int longest = directory.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8).length + 32;
    if (longest > MAX_PATH) {
      throw new IOException(
          "Control socket " + path + " cannot be made: a unix socket's path has at most " + MAX_PATH
              + " bytes, so the state directory's may have " + (MAX_PATH - 32) + ".");
    }
    try {
      Files.createDirectories(directory);
      refuseIfTaken(path);
      return new ControlSocket(path, bind(directory, path), commands, patience);
    } catch (FileSystemException e) {
      String reason = e instanceof AccessDeniedException ? "it is not writable for this user"
          : e.getReason() == null ? e.getMessage() : e.getReason();
      throw new IOException("Control socket " + path + " cannot be made: " + e.getFile() + ": " + reason + ".", e);
    }
  }

  private static void refuseIfTaken(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
      throw new IOException("Control socket " + path + " cannot be made: a file that is not a socket is there.");
    }
    if (listens(path)) {
      throw new IOException("Control socket " + path + " is in use: another MOP is running there.");
    }
    LOG.log(Level.DEBUG, "Nobody listens on {0}: it is replaced", path);
  }

  /** Whether a process answers at that socket. */
  static boolean listens(Path path) throws IOException {
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** Made in a directory closed to others and moved when it is closed itself: at no time can another user connect. */
  private static ServerSocketChannel bind(Path directory, Path path) throws IOException {
    Path making =
        Files.createTempDirectory(
            directory, ".s", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path socket = making.resolve("s");
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    boolean done = false;
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
      Files.move(socket, path, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      return server;
    } finally {
      if (!done) {
        server.close();
        Files.deleteIfExists(socket);
      }
      Files.deleteIfExists(making);
    }
  }

  private static Object key(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey();
  }

  Path path() {
    return path;
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        open.add(client);
        boolean full = open.size() > MAX_CONNECTIONS;
        daemon(() -> serve(client, full), "mop-shell-command").start();
        if (!server.isOpen()) {
          client.close();
        }
      } catch (IOException e) {
        if (server.isOpen()) {
          LOG.log(Level.ERROR, "The control socket accepts no more connections", e);
          return;
        }
      }
    }
  }

  /** Ends quietly when the client leaves or this socket closes. */
  void serve(SocketChannel client, boolean full) {
    try (client;
        ClientOutput out = new ClientOutput(client)) {
      int code = 1;
      if (full) {
        out.println("mop: " + MAX_CONNECTIONS + " commands are running already; try again.");
      } else {
        String line = read(client);
        code = line == null ? 2 : commands.run(line, out);
        if (line == null) {
          out.println("mop: expected one line of at most " + MAX_LINE + " bytes.");
        }
      }
      out.endLine();
      out.println(Integer.toString(code));
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A client of the control socket left early", e);
    } finally {
      open.remove(client);
    }
  }

  /** Null if it is too long or not ended. */
  private String read(SocketChannel client) throws IOException {
    ScheduledFuture<?> limit;
    try {
      limit = timer.schedule(() -> close(client), patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      throw new IOException("the control socket is closed", e);
    }
    try {
      InputStream in = Channels.newInputStream(client);
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      byte[] buffer = new byte[4096];
      while (line.size() <= MAX_LINE) {
        int n = in.read(buffer);
        if (n < 0) {
          return null;
        }
        for (int i = 0; i < n; i++) {
          if (buffer[i] == '\n') {
            line.write(buffer, 0, i);
            return line.size() > MAX_LINE ? null : line.toString(StandardCharsets.UTF_8);
          }
        }
        line.write(buffer, 0, n);
      }
      return null;
    } finally {
      limit.cancel(false);
    }
  }

  private static void close(SocketChannel client) {
    try {
      client.close();
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "A connection could not be closed", e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    timer.shutdownNow();
    open.forEach(ControlSocket::close);
    // Not the one that another process put in its place.
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && key(path).equals(key)) {
      Files.delete(path);
    }
  }
}
