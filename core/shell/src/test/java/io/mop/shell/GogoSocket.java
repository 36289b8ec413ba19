package io.mop.shell;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;

/** A real Gogo runtime behind a control socket. */
final class GogoSocket {
  private final ThreadIOImpl io = new ThreadIOImpl();
  private final CommandProcessorImpl gogo = new CommandProcessorImpl(io);
  private final Path directory;
  private final ControlSocket socket;

  GogoSocket(Path directory) throws IOException {
    this.directory = directory;
    io.start();
    socket = ControlSocket.open(directory, Duration.ofMinutes(1), new GogoCommands(gogo));
  }

  /** @param function its method; the scope is mop */
  GogoSocket command(String function, Object command) {
    gogo.addCommand("mop", command, function);
    return this;
  }

  /** What a client that sends the line is answered. */
  String send(String line) throws IOException {
    return ControlSocketTest.send(directory, (line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** Waits for its commands: one that ends later would set the output of the tests after this one. */
  void close() throws Exception {
    socket.close();
    for (Thread t : Thread.getAllStackTraces().keySet()) {
      if (t.getName().equals("mop-shell-command")) t.join(10_000);
    }
    gogo.stop();
    io.stop();
  }
}
