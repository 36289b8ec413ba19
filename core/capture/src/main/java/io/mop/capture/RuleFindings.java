package io.mop.capture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Asks all conditions of rules about one process, where a {@link Look} ends at the first that decides. */
final class RuleFindings {
  private static final int SHORT_ID = 12;

  private final ProcFs proc;
  private final Look look;
  private final ContainerNames names;
  private final ProcessFacts facts;

  RuleFindings(ProcFs proc, Look look, ContainerNames names, int pid) {
    this.proc = proc;
    this.look = look;
    this.names = names;
    facts = new ProcessFacts(proc, pid);
  }

  RuleFinding of(Rule rule) {
    List<RuleFinding.Condition> all = new ArrayList<>();
    for (Rule.Condition c : rule.conditions()) all.add(of(c));
    return new RuleFinding(rule, all);
  }

  private RuleFinding.Condition of(Rule.Condition condition) {
    try {
      boolean holds = look.meets(condition, facts);
      return new RuleFinding.Condition(condition, holds, found(condition, holds));
    } catch (IOException e) {
      String found = proc.forbidden(facts.pid(), e)
          ? "it may not be looked at: " + String.join(" and ", Look.privileges(condition)) + " needed"
          : "it has ended";
      return new RuleFinding.Condition(condition, false, found);
    }
  }

  private String found(Rule.Condition condition, boolean holds) throws IOException {
    if (condition instanceof Rule.Pid) return "the process is " + facts.pid();
    if (condition instanceof Rule.Exe) return "the program is " + facts.exe();
    if (condition instanceof Rule.Cgroup) return group();
    if (condition instanceof Rule.Container) return container();
    if (condition instanceof Rule.Command) return "its arguments " + (holds ? "match" : "do not match");
    return listening(((Rule.Port) condition).port(), holds);
  }

  private String group() throws IOException {
    Optional<String> group = facts.cgroups().lines().filter(line -> line.startsWith("0::")).findFirst();
    return group.map(g -> "the group is " + g.substring(3)).orElse("this machine has no cgroup v2");
  }

  private String container() throws IOException {
    Optional<String> id = ContainerId.of(facts.cgroups());
    if (id.isEmpty()) return "it is in no container";
    String text = "the container is " + id.get().substring(0, SHORT_ID);
    return names.of(id.get()).map(name -> text + ", " + name).orElse(text);
  }

  private String listening(int port, boolean holds) throws IOException {
    if (holds) return "it listens on " + port;
    TreeSet<Integer> ports = new TreeSet<>(proc.listeningPorts(facts.pid()));
    if (ports.isEmpty()) return "it listens on no TCP port";
    return "it listens on " + String.join(", ", ports.stream().map(p -> "" + p).toList());
  }
}
