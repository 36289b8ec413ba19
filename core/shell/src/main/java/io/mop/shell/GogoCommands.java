package io.mop.shell;

import io.mop.control.ConfigError;
import java.io.ByteArrayInputStream;
import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Runs a line in a Gogo session of its own. Exit codes: 0; 2 for what was asked wrongly; 3 for an invalid
 * configuration; 4 for what
 * is not there; 1 for any other failure. */
final class GogoCommands implements ControlSocket.Commands {
  private static final Logger LOG = System.getLogger("io.mop.shell");
  private final CommandProcessor processor;

  GogoCommands(CommandProcessor processor) {
    this.processor = processor;
  }

  @Override
  public int run(String line, ClientOutput out) {
    PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    try (CommandSession session =
        processor.createSession(new ByteArrayInputStream(new byte[0]), print, print)) {
      session.put(ClientOutput.VARIABLE, out);
      Object result = session.execute(line);
      if (result != null) {
        print.print(session.format(result, Converter.INSPECT));
      }
      return 0;
    } catch (CommandNotFoundException e) {
      print.println("mop: there is no command " + e.getCommand() + "; \"help\" lists them.");
      return 2;
    } catch (SyntaxError | IllegalArgumentException e) {
      print.println("mop: " + e.getMessage());
      return 2;
    } catch (ConfigError e) {
      e.problems().forEach(print::println);
      print.println("mop: the new configuration is rejected; the one before runs on.");
      return 3;
    } catch (NotFoundException e) {
      print.println("mop: " + e.getMessage());
      return 4;
    } catch (Exception e) {
      if (e.getCause() instanceof SyntaxError) {
        print.println("mop: " + e.getMessage());
        return 2;
      }
      LOG.log(Level.DEBUG, "Command failed: " + line, e);
      print.println("mop: " + (e.getMessage() == null ? e.toString() : e.getMessage()));
      return 1;
    } finally {
      print.flush();
    }
  }
}
