package io.mop.shell;

import io.mop.control.Why;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * {@code mop:why}: whether telemetry of a process or port is to be expected, and why not. Fails, after what it has
 * printed, if none is: code 4 if there is nothing of that number, else 1.
 */
@Component(service = WhyCommand.class, property = {"osgi.command.scope=mop", "osgi.command.function=why"})
public final class WhyCommand {
  static final String NO_RECEIVER =
      "Nothing is captured: the configuration has no receiver ebpf, or no pipeline names it.";

  @Reference(policy = ReferencePolicy.DYNAMIC)
  volatile List<Why> services;

  @Descriptor("says why there is, or is not, telemetry of a process, or of who serves and uses a port")
  public void why(CommandSession session, @Descriptor("--pid P | --port N [-o text|json]") String... args) {
    WhyOptions asked = WhyOptions.parse(args);
    List<Why.Answer> answers =
        services.stream()
            .flatMap(w -> (asked.pid() > 0 ? w.process(asked.pid()) : w.port(asked.port())).stream())
            .toList();
    if (answers.isEmpty()) throw new NotFoundException(NO_RECEIVER);
    PrintStream out = session.getConsole();
    out.print(asked.json() ? WhyJson.of(answers) + "\n" : WhyText.of(answers));
    out.flush();
    List<Why.Process> processes = answers.stream().flatMap(a -> a.processes().stream()).toList();
    verdict(asked, answers, processes).ifPresent(sentence -> {
      if (processes.isEmpty() && answers.stream().anyMatch(Why.Answer::running)) throw new NotFoundException(sentence);
      throw new IllegalStateException(sentence);
    });
  }

  /** Why there is nothing to expect; empty if there is. */
  private static Optional<String> verdict(WhyOptions asked, List<Why.Answer> answers, List<Why.Process> processes) {
    if (processes.stream().anyMatch(Why.Process::read)) return Optional.empty();
    if (answers.stream().noneMatch(Why.Answer::running)) {
      return Optional.of("Nothing is captured: " + answers.get(0).receiver() + ": " + answers.get(0).state() + ".");
    }
    if (processes.isEmpty()) {
      return Optional.of(
          asked.pid() > 0
              ? "There is no process " + asked.pid() + "."
              : "Nothing listens on port " + asked.port() + ", and no connection to it was seen.");
    }
    boolean selected = processes.stream().anyMatch(Why.Process::selected);
    if (!selected) return Optional.of("No requests of " + asked.subject() + " are seen: it is not selected.");
    boolean connections = processes.stream().anyMatch(p -> !p.connections().isEmpty());
    String what = connections ? "no decoder reads its connections." : "it is selected, and no connection was seen yet.";
    return Optional.of("No requests of " + asked.subject() + " are seen: " + what);
  }
}
