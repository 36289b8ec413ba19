package io.mop.shell;

import io.mop.control.Checks;
import io.mop.control.Checks.Check;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.control.Status;
import io.mop.deploy.Deployer;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * {@code mop:doctor} in a running MOP, and {@code mop doctor} in a process that runs nothing else: that looks at the
 * state directory in the framework property {@code mop.doctor.state} and prints as {@code mop.doctor.output} says.
 */
// Immediate, so that it keeps its references also when the launcher has let go of the service before it calls it.
@Component(
    immediate = true,
    service = {DoctorCommand.class, Callable.class},
    property = {"osgi.command.scope=mop", "osgi.command.function=doctor", "mop.main=doctor"})
public final class DoctorCommand implements Callable<Integer> {
  private final BundleContext context;
  private final PluginCatalog catalog;

  @Reference(policy = ReferencePolicy.DYNAMIC)
  volatile List<Checks> checks;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Control control;

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  volatile Deployer deployer;

  @Activate
  public DoctorCommand(BundleContext context, @Reference PluginCatalog catalog) {
    this.context = context;
    this.catalog = catalog;
  }

  @Descriptor("looks whether this machine, this process and the configuration are in order")
  public void doctor(
      CommandSession session,
      @Descriptor("table or json") @Parameter(names = {"-o", "--output"}, absentValue = "table") String output) {
    Control engine = control;
    Set<String> receivers =
        engine == null
            ? Set.of()
            : engine.status().components().stream()
                .filter(c -> c.path().startsWith("receivers."))
                .map(Status.Component::plugin)
                .collect(Collectors.toSet());
    List<Check> found = doctor("mop.state", Optional.of(receivers)).run();
    session.getConsole().print(Doctor.print(found, output));
    Doctor.verdict(found).ifPresent(v -> { throw new IllegalStateException(v); });
  }

  /** @return 0, or 1 if a check failed */
  @Override
  public Integer call() {
    return call(System.out, System.err);
  }

  int call(PrintStream out, PrintStream err) {
    List<Check> found = doctor("mop.doctor.state", Optional.empty()).run();
    String output = context.getProperty("mop.doctor.output");
    out.print(Doctor.print(found, output == null ? "table" : output));
    out.flush();
    Optional<String> verdict = Doctor.verdict(found);
    verdict.ifPresent(v -> err.println("mop: " + v));
    return verdict.isPresent() ? 1 : 0;
  }

  private Doctor doctor(String state, Optional<Set<String>> running) {
    Path config = Path.of(String.valueOf(context.getProperty("mop.config")));
    return new Doctor(
        Path.of(String.valueOf(context.getProperty(state))),
        Files.isRegularFile(config) ? Optional.of(config) : Optional.empty(),
        running,
        catalog,
        Optional.ofNullable(deployer),
        List.copyOf(checks));
  }
}
