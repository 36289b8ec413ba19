package io.mop.shell;

import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Reloader;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code mop:reload [--discard-state]}. There also without a configuration, to say so. */
@Component(
    service = ReloadCommand.class,
    property = {"osgi.command.scope=mop", "osgi.command.function=reload"})
public final class ReloadCommand {
  static final String NO_CONFIGURATION = "There is no configuration: no bundle offers io.mop.control.Reloader.";

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Reloader reloader;

  @Descriptor("reads the configuration file again and changes over to it")
  public String reload(
      @Descriptor("processors whose configuration changed start without their state")
          @Parameter(names = "--discard-state", presentValue = "true", absentValue = "false")
          boolean discardState)
      throws ConfigError {
    Reloader there = reloader;
    if (there == null) throw new IllegalStateException(NO_CONFIGURATION);
    Reloader.Reload reload = there.reload(discardState);
    StringBuilder b = new StringBuilder();
    reload.notes().forEach(note -> b.append("note      ").append(Table.cell(note)).append('\n'));
    Changes changes = reload.changes();
    lines("added     ", changes.added(), b);
    lines("replaced  ", changes.replaced(), b);
    lines("removed   ", changes.removed(), b);
    lines("kept      ", changes.kept(), b);
    there.applied().ifPresent(a -> b.append(StatusTable.configuration(a)));
    return b.toString();
  }

  private static void lines(String what, List<String> paths, StringBuilder b) {
    paths.forEach(path -> b.append(what).append(path).append('\n'));
  }
}
