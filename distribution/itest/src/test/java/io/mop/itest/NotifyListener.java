package io.mop.itest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A datagram socket of another process, as systemd has one for a service; keeps the lines that come. */
final class NotifyListener implements AutoCloseable {
  private static final String LISTEN =
      """
      $| = 1;
      socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
      bind($s, pack_sockaddr_un($ARGV[0])) or die "bind: $!";
      print "bound\\n";
      while (defined recv($s, my $m, 65536, 0)) { print $m; print "\\n" unless $m =~ /\\n$/; }
      """;

  private final Process process;
  private final Thread reader;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  NotifyListener(Path socket) {
    try {
      process =
          new ProcessBuilder("perl", "-MSocket", "-e", LISTEN, socket.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      if (!"bound".equals(out.readLine())) throw new AssertionError("no socket at " + socket);
      reader = new Thread(() -> out.lines().forEach(lines::add), "notify-listener");
      reader.setDaemon(true);
      reader.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<String> lines() {
    return lines;
  }

  void await(String line) {
    Await.until("systemd is told " + line, () -> lines.contains(line), () -> lines);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
