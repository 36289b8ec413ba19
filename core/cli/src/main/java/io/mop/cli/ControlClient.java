package io.mop.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
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
public final class ControlClient {
  private static final String CUT = "The connection ended before the command did.";

  private ControlClient() {}

  /** What the line answers, with the exit code in its last line. */
  public static String ask(Path state, String line) throws CommandException {
    return connect(state.resolve("mop.sock"), line, in -> new String(in.readAllBytes(), StandardCharsets.UTF_8));
  }

  /** Prints the output, to err when the command failed, and returns the exit code. */
  static int run(Path state, String line, CommandLine to) throws CommandException {
    String answer = ask(state, line);
    int code;
    int last = answer.endsWith("\n") ? answer.lastIndexOf('\n', answer.length() - 2) + 1 : answer.length();
    try {
      code = Integer.parseInt(answer.substring(last).strip());
    } catch (NumberFormatException e) {
      to.getErr().print(answer);
      to.getErr().flush();
      throw new CommandException(ExitCode.FAILURE, CUT);
    }
    (code == ExitCode.OK ? to.getOut() : to.getErr()).print(answer.substring(0, last));
    to.getOut().flush();
    to.getErr().flush();
    return code;
  }

  /**
   * Prints each line as it comes, messages (which begin with {@code mop: }) to err, and returns the exit code. Ends
   * early, with 0, when nobody reads the output any more.
   */
  static int stream(Path state, String line, CommandLine to) throws CommandException {
    String held = connect(
        state.resolve("mop.sock"),
        line,
        in -> {
          BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
          String last = null;
          for (String next = lines.readLine(); next != null; next = lines.readLine()) {
            if (last != null) print(last, to);
            // Only what may be the exit code waits for the line after it.
            boolean number = next.matches("[0-9]{1,3}");
            last = number ? next : null;
            if (!number) print(next, to);
            if (to.getOut().checkError()) return "0";
          }
          return last == null ? "" : last;
        });
    if (held.isEmpty()) throw new CommandException(ExitCode.FAILURE, CUT);
    return Integer.parseInt(held);
  }

  private static void print(String line, CommandLine to) {
    PrintWriter out = line.startsWith("mop: ") ? to.getErr() : to.getOut();
    out.println(line);
    out.flush();
  }

  private interface Reading {
    String of(InputStream in) throws IOException;
  }

  private static String connect(Path socket, String line, Reading reading) throws CommandException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer request = StandardCharsets.UTF_8.encode(line + "\n");
      while (request.hasRemaining()) {
        channel.write(request);
      }
      return reading.of(Channels.newInputStream(channel));
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
