package io.mop.capture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final ContainerNames names;
  private final Set<String> problems = new TreeSet<>();
  private final Set<String> missing = new TreeSet<>();
  private Optional<Map<Long, Integer>> listening = Optional.empty();
  private int hidden;

  Look(ProcFs proc, List<Rule> rules, ContainerNames names) {
    this.proc = proc;
    this.rules = rules;
    this.names = names;
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
        privileges.add("CAP_SYS_PTRACE");
        if (c instanceof Rule.Port || c instanceof Rule.Container) privileges.add("CAP_DAC_READ_SEARCH");
      }
    }
    needed.addAll(privileges);
    return privileges.isEmpty();
  }

  private boolean meets(Rule.Condition condition, ProcessFacts facts) throws IOException {
    if (condition instanceof Rule.Pid c) return c.pid() == facts.pid();
    if (condition instanceof Rule.Exe c) return Glob.matches(c.glob(), facts.exe());
    if (condition instanceof Rule.Cgroup c) return inGroup(c.glob(), facts.cgroups());
    if (condition instanceof Rule.Container c) return inContainer(c, facts.cgroups());
    if (condition instanceof Rule.Command c) return Glob.matches(c.glob(), facts.command());
    return listens(((Rule.Port) condition).port(), facts);
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
    for (; path.length() > 1; path = path.substring(0, path.lastIndexOf('/'))) if (Glob.matches(glob, path)) return true;
    return false;
  }

  private boolean inContainer(Rule.Container rule, String cgroups) throws IOException {
    if (cgroups.isEmpty()) problems.add("rules of container need control groups, which this kernel does not have");
    Optional<String> id = ContainerId.of(cgroups);
    if (id.isEmpty()) return false;
    if (rule.isId()) return id.get().startsWith(rule.container());
    return names.of(id.get()).filter(name -> Glob.matches(rule.container(), name)).isPresent();
  }

  private boolean listens(int port, ProcessFacts facts) throws IOException {
    if (!listening().containsValue(port)) {
      proc.network(facts.pid()); // one that is hidden may be another one, in which it listens
      return false;
    }
    for (long inode : facts.sockets()) {
      Integer found = listening().get(inode);
      if (found != null && found == port) return true;
    }
    return false;
  }

  /** Of every network that a process is in: a socket may have been handed to a process in another one. */
  private Map<Long, Integer> listening() {
    if (listening.isPresent()) return listening.get();
    Map<Long, Integer> sockets = new HashMap<>();
    Set<String> networks = new TreeSet<>();
    for (int pid : proc.pids()) {
      try {
        String network = proc.network(pid);
        if (networks.contains(network)) continue;
        proc.listening(pid, sockets);
        networks.add(network);
      } catch (IOException e) {
        continue; // gone, or hidden as its sockets are: the next one of this network
      }
    }
    listening = Optional.of(sockets);
    return sockets;
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
