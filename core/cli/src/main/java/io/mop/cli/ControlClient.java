package io.mop.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * Asks a running MOP over its control socket {@code <state>/mop.sock}: one line goes in; output comes back, then one
 * last line with the exit code, then the end.
 */
final class ControlClient {
  private ControlClient() {}

  /** Prints the output, to err when the command failed, and returns the exit code. */
  static int run(Path state, String line, CommandLine to) throws CommandException {
    String answer = ask(state.resolve("mop.sock"), line);
    int code;
    int last = answer.endsWith("\n") ? answer.lastIndexOf('\n', answer.length() - 2) + 1 : answer.length();
    try {
      code = Integer.parseInt(answer.substring(last).strip());
    } catch (NumberFormatException e) {
      to.getErr().print(answer);
      to.getErr().flush();
      throw new CommandException(ExitCode.FAILURE, "The connection ended before the command did.");
    }
    (code == ExitCode.OK ? to.getOut() : to.getErr()).print(answer.substring(0, last));
    to.getOut().flush();
    to.getErr().flush();
    return code;
  }

  private static String ask(Path socket, String line) throws CommandException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer request = StandardCharsets.UTF_8.encode(line + "\n");
      while (request.hasRemaining()) {
        channel.write(request);
      }
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    } catch (ConnectException e) {
      throw new CommandException(ExitCode.UNREACHABLE, "MOP is not running: nothing listens on " + socket + ".");
    } catch (IOException | IllegalArgumentException e) {
      if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
        throw new CommandException(
            ExitCode.UNREACHABLE,
            "MOP is not running with state directory " + socket.getParent() + ", or it is another user's: there is no "
                + socket.getFileName() + ".");
      }
      if (!Files.isWritable(socket)) {
        throw new CommandException(ExitCode.DENIED, socket + " belongs to another user.");
      }
      throw new CommandException(
          ExitCode.UNREACHABLE, "MOP is not reachable at " + socket + ": " + e.getMessage() + ".");
    }
  }
}
