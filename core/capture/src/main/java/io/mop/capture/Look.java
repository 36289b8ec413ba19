package io.mop.capture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One look for the processes that rules select. Of each process it reads what the rules ask for until one holds, and
 * nothing twice; what it might not read selects nothing, and is said.
 */
final class Look {
  /** The first process of the system, the ancestor of all; only a rule that names it selects it. */
  static final int INIT = 1;

  private final ProcFs proc;
  private final List<Rule> rules;
  private final Listeners listeners;
  private final ContainerNames names;
  private final Set<String> problems = new TreeSet<>();
  private final Set<String> missing = new TreeSet<>();
  private int hidden;

  /** What is known from the last look is in {@code listeners} and {@code names}. */
  Look(ProcFs proc, List<Rule> rules, Listeners listeners, ContainerNames names) {
    this.proc = proc;
    this.rules = rules;
    this.listeners = listeners;
    this.names = names;
    listeners.next();
    names.next();
  }

  /** The processes that a rule may select: all, unless every rule names one. */
  List<Integer> candidates() {
    List<Integer> named = new ArrayList<>();
    for (Rule r : rules) {
      if (!(r.conditions().get(0) instanceof Rule.Pid p)) return proc.pids();
      named.add(p.pid());
    }
    named.removeIf(pid -> proc.tgid(pid) != pid); // that of a thread
    return named;
  }

  /** The first rule that selects the process. */
  Optional<Rule> select(int pid) {
    ProcessFacts facts = new ProcessFacts(proc, pid);
    Set<String> needed = new TreeSet<>();
    for (Rule r : rules) if ((pid != INIT || r.namesPid()) && holds(r, facts, needed)) return Optional.of(r);
    if (!needed.isEmpty()) hidden++;
    missing.addAll(needed);
    return Optional.empty();
  }

  /** @param needed where the privileges go without which it cannot be told */
  private boolean holds(Rule rule, ProcessFacts facts, Set<String> needed) {
    Set<String> privileges = new TreeSet<>();
    for (Rule.Condition c : rule.conditions()) {
      try {
        if (!meets(c, facts)) return false;
      } catch (IOException e) {
        if (!proc.forbidden(facts.pid(), e)) return false;
        privileges.addAll(privileges(c));
      }
    }
    needed.addAll(privileges);
    return privileges.isEmpty();
  }

  /** Those without which it cannot be told of other users' processes. */
  static List<String> privileges(Rule.Condition c) {
    boolean files = c instanceof Rule.Port || c instanceof Rule.Container;
    return files ? List.of("CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH") : List.of("CAP_SYS_PTRACE");
  }

  boolean meets(Rule.Condition condition, ProcessFacts facts) throws IOException {
    if (condition instanceof Rule.Pid c) return c.pid() == facts.pid();
    if (condition instanceof Rule.Exe c) return Glob.matches(c.glob(), facts.exe());
    if (condition instanceof Rule.Cgroup c) return inGroup(c.glob(), facts.cgroups());
    if (condition instanceof Rule.Container c) return inContainer(c, facts.cgroups());
    if (condition instanceof Rule.Command c) return Glob.matches(c.glob(), facts.command());
    return listeners.listens(facts.pid(), ((Rule.Port) condition).port());
  }

  private boolean inGroup(String glob, String cgroups) {
    Optional<String> group = cgroups.lines().filter(line -> line.startsWith("0::")).findFirst();
    if (group.isEmpty()) {
      problems.add("rules of cgroup need cgroup v2, which is not there");
      return false;
    }
    String path = group.get().substring(3);
    if ((path + '/').startsWith("/../") && glob.startsWith("/")) {
      problems.add("in a cgroup namespace of its own MOP does not see whole paths: cgroup has to begin with */");
      return false;
    }
    for (; path.length() > 1 && !path.endsWith("/.."); path = path.substring(0, path.lastIndexOf('/'))) {
      if (Glob.matches(glob, path)) return true;
    }
    return false;
  }

  private boolean inContainer(Rule.Container rule, String cgroups) throws IOException {
    if (cgroups.isEmpty()) problems.add("rules of container need control groups, which this kernel does not have");
    Optional<String> id = ContainerId.of(cgroups);
    if (id.isEmpty()) return false;
    if (rule.isId()) return id.get().startsWith(rule.container());
    return names.of(id.get()).filter(name -> Glob.matches(rule.container(), name)).isPresent();
  }

  /** Processes that might not be looked at and that a rule might select. */
  int hidden() {
    return hidden;
  }

  /** What keeps rules from selecting; empty if nothing does. */
  Optional<String> problem() {
    List<String> all = new ArrayList<>(problems);
    if (hidden > 0) all.add("processes that rules ask about are hidden: " + String.join(" and ", missing) + " needed");
    return all.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", all));
  }
}
