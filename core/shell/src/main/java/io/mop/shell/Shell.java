package io.mop.shell;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Opens the control socket in the directory of the framework property {@code mop.state}. MOP runs without it too. */
@Component(service = Shell.class, immediate = true)
public final class Shell {
  private static final Logger LOG = System.getLogger("io.mop.shell");
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private final ControlSocket socket;

  @Activate
  public Shell(BundleContext context, @Reference CommandProcessor processor) {
    socket = open(context.getProperty("mop.state"), processor);
  }

  private static ControlSocket open(String state, CommandProcessor processor) {
    if (state == null) {
      LOG.log(Level.INFO, "There is no control socket, as the framework property mop.state is not set.");
      return null;
    }
    try {
      ControlSocket socket = ControlSocket.open(Path.of(state), PATIENCE, new GogoCommands(processor));
      LOG.log(Level.DEBUG, "Control socket: {0}", socket.path());
      return socket;
    } catch (IOException e) {
      LOG.log(Level.ERROR, e.getMessage() + " MOP runs on, but \"mop status\" cannot reach it.");
      return null;
    }
  }

  @Deactivate
  void close() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "The control socket " + socket.path() + " could not be removed", e);
      }
    }
  }
}
