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

/**
 * Decides which processes are observed: those that a rule names, and their descendants, which stay selected when their
 * parents are gone. Without a rule nothing is selected. This process is never selected, and the first process of the
 * system only by its pid: it may hold the listening sockets of others and is the ancestor of all.
 *
 * <p>Only the processes that the rules need are looked at: a pid rule reads nothing of others.
 */
public final class Selector implements AutoCloseable {
  /** Where the selection is kept; both calls may be repeated. */
  public interface Bits {
    void set(int tgid);

    void clear(int tgid);
  }

  /** @param root the process that a rule matched; this one itself or an ancestor */
  private record Selected(long startTime, String rule, int root, long rootStart) {
    String why(int tgid) {
      return tgid == root ? rule : "descendant of " + root + ", " + rule;
    }
  }

  private final ProcFs proc;
  private final int self;
  private final List<Rule> rules;
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
    this.proc = new ProcFs(proc);
    this.rules = List.copyOf(rules);
    names = new ContainerNames(proc);
    this.bits = bits;
    this.self = self;
  }

  /** Looks again: sets the bits of processes that match now and clears those that no longer do. */
  public synchronized void refresh() {
    if (closed) return;
    Map<Integer, Selected> now = new HashMap<>();
    roots(now);
    descendants(now);
    orphans(now);
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
    Look look = new Look(proc, rules, names);
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
    Map<Integer, Selected> now = new HashMap<>(selected);
    descendants(now);
    now.keySet().forEach(bits::clear);
    selected = Map.of();
  }
}
