package io.mop.capture;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Decides which processes are observed: those that a rule names, and their descendants, which stay selected when their
 * parents are gone. Without a rule nothing is selected. This process is never selected, and the first process of the
 * system only by its pid: it may hold the listening sockets of others and is the ancestor of all.
 *
 * <p>Only the processes that the rules need are looked at: a pid rule reads nothing of others.
 */
public final class Selector implements AutoCloseable {
  /** Where the selection is kept; calls may be repeated. */
  public interface Bits {
    void set(int tgid);

    void clear(int tgid);

    /** Those that are set: also by the kernel, of children of selected processes from the moment of their fork. */
    Set<Integer> all();
  }

  private static final int UNKNOWN_ROOT = 0;
  private static final String ADOPTED = "child of a selected process that has ended";

  /** @param root the process that a rule matched; this one itself or an ancestor, {@link #UNKNOWN_ROOT} if not known */
  private record Selected(long startTime, String rule, int root, long rootStart) {
    String why(int tgid) {
      return tgid == root || root == UNKNOWN_ROOT ? rule : "descendant of " + root + ", " + rule;
    }
  }

  private final Path root;
  private final ProcFs proc;
  private final ProcDetails details;
  private final int self;
  private final List<Rule> rules;
  private final Listeners listeners;
  private final ContainerNames names;
  private final Bits bits;
  private Map<Integer, Selected> selected = Map.of();
  private int hidden;
  private Optional<String> problem = Optional.empty();
  private boolean closed;

  /** @param proc a proc file system of the initial pid namespace, {@code /proc} */
  public Selector(Path proc, List<Rule> rules, Bits bits) {
    this(proc, rules, bits, (int) ProcessHandle.current().pid());
  }

  Selector(Path proc, List<Rule> rules, Bits bits, int self) {
    root = proc;
    this.proc = new ProcFs(proc);
    details = new ProcDetails(proc);
    this.rules = List.copyOf(rules);
    listeners = listeners();
    names = new ContainerNames(proc);
    this.bits = bits;
    this.self = self;
  }

  private Listeners listeners() {
    return new Listeners(proc, rules.stream().flatMap(Rule::ports).collect(Collectors.toSet()));
  }

  /** Looks again: sets the bits of processes that match now and clears those that no longer do. */
  public synchronized void refresh() {
    if (closed) return;
    Map<Integer, Selected> now = new HashMap<>();
    roots(now);
    descendants(now);
    orphans(now);
    adopt(now);
    for (int tgid : selected.keySet()) if (!now.containsKey(tgid)) bits.clear(tgid);
    now.entrySet().removeIf(e -> !set(e.getKey(), e.getValue()));
    selected = now;
  }

  /** A bit that was set for a process that has ended meanwhile would select the next one of that number. */
  private boolean set(int tgid, Selected s) {
    Selected before = selected.get(tgid);
    if (before != null && before.startTime == s.startTime) return true;
    bits.set(tgid);
    if (alive(tgid, s.startTime)) return true;
    bits.clear(tgid);
    return false;
  }

  private boolean alive(int tgid, long startTime) {
    OptionalLong start = proc.startTime(tgid);
    return start.isPresent() && start.getAsLong() == startTime;
  }

  private void roots(Map<Integer, Selected> now) {
    Look look = new Look(proc, rules, listeners, names);
    for (int pid : look.candidates()) if (pid != self) look.select(pid).ifPresent(rule -> root(now, pid, rule));
    hidden = look.hidden();
    problem = look.problem();
  }

  private void root(Map<Integer, Selected> now, int pid, Rule rule) {
    OptionalLong start = proc.startTime(pid);
    if (start.isEmpty()) return;
    now.put(pid, new Selected(start.getAsLong(), rule.toString(), pid, start.getAsLong()));
  }

  private void descendants(Map<Integer, Selected> now) {
    ArrayDeque<Integer> open = new ArrayDeque<>(now.keySet());
    open.remove(Look.INIT);
    while (!open.isEmpty()) {
      int pid = open.poll();
      Selected parent = now.get(pid);
      for (int child : proc.children(pid)) {
        if (child == self || now.containsKey(child)) continue;
        OptionalLong start = proc.startTime(child);
        if (start.isEmpty()) continue;
        now.put(child, new Selected(start.getAsLong(), parent.rule, parent.root, parent.rootStart));
        open.add(child);
      }
    }
  }

  /** Descendants whose parents have ended; a root that lives and no longer matches takes its descendants with it. */
  private void orphans(Map<Integer, Selected> now) {
    selected.forEach((tgid, s) -> {
      if (s.root == tgid || now.containsKey(tgid) || !alive(tgid, s.startTime)) return;
      Selected root = now.get(s.root);
      boolean rootMatches = root != null && root.startTime == s.rootStart;
      if (rootMatches || !alive(s.root, s.rootStart)) now.put(tgid, s);
    });
  }

  /**
   * Children that the kernel has selected at their fork and that no walk from a root finds: their parents ended between
   * two looks, as those of daemons do. They stay selected until they end; those of a process that is let go now are let
   * go with it.
   */
  private void adopt(Map<Integer, Selected> now) {
    Set<Integer> set = bits.all();
    for (int tgid : set) {
      if (now.containsKey(tgid) || selected.containsKey(tgid)) continue;
      OptionalLong start = proc.startTime(tgid);
      int parent = details.parent(tgid);
      Selected of = now.get(parent);
      Selected before = selected.get(parent);
      if (start.isEmpty()) continue; // the kernel clears it
      if (of != null) now.put(tgid, new Selected(start.getAsLong(), of.rule, of.root, of.rootStart));
      else if (before != null && alive(parent, before.startTime)) bits.clear(tgid);
      else if (!set.contains(parent)) now.put(tgid, new Selected(start.getAsLong(), ADOPTED, UNKNOWN_ROOT, 0));
    }
  }

  /**
   * What each rule finds in a process. Reads of it all that the rules ask for, and of others who listens on their
   * ports.
   */
  public List<RuleFinding> findings(int tgid) {
    ContainerNames asked = new ContainerNames(root);
    RuleFindings findings = new RuleFindings(proc, new Look(proc, rules, listeners(), asked), asked, tgid);
    return rules.stream().map(findings::of).toList();
  }

  /** Why a process is selected, e.g. {@code port 8080} or {@code descendant of 411, port 8080}; empty if it is not. */
  public synchronized Optional<String> why(int tgid) {
    return Optional.ofNullable(selected.get(tgid)).map(s -> s.why(tgid));
  }

  /** Processes selected at the last {@link #refresh}. */
  public synchronized Set<Integer> selected() {
    return new TreeSet<>(selected.keySet());
  }

  /** Processes that a rule had to look at and might not, at the last {@link #refresh}: a privilege is missing. */
  public synchronized int hidden() {
    return hidden;
  }

  /**
   * What kept rules from selecting at the last {@link #refresh}: a missing privilege, or something that this machine
   * does not have. The other rules and processes are not touched by it.
   */
  public synchronized Optional<String> problem() {
    return problem;
  }

  /** Clears all bits that are set; no later look sets any. */
  @Override
  public synchronized void close() {
    closed = true;
    bits.all().forEach(bits::clear);
    selected = Map.of();
  }
}
