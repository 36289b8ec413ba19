package io.mop.shell;

import io.mop.control.Control;
import io.mop.control.Reloader;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** {@code mop:status [-o table|json]}. There also without an engine, to say so. */
@Component(
    service = StatusCommand.class,
    property = {"osgi.command.scope=mop", "osgi.command.function=status"})
public final class StatusCommand {
  static final String NO_ENGINE = "The engine is not running: no bundle offers io.mop.control.Control.";

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Control control;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Reloader reloader;

  @Descriptor("shows the health of components and what became of every item")
  public String status(
      @Descriptor("table or json") @Parameter(names = {"-o", "--output"}, absentValue = "table") String output) {
    Control engine = control;
    if (engine == null) {
      throw new IllegalStateException(NO_ENGINE);
    }
    Optional<Reloader.Applied> configuration = Optional.ofNullable(reloader).flatMap(Reloader::applied);
    return switch (output) {
      case "table" -> StatusTable.of(engine.status(), configuration);
      case "json" -> StatusJson.of(engine.status(), configuration) + "\n";
      default -> throw new IllegalArgumentException(
          "Output \"" + output + "\" is unknown: expected table or json.");
    };
  }
}
