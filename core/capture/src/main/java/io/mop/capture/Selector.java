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
import java.util.regex.Pattern;

/**
 * Decides which processes are observed: those that a rule names, and their descendants, which stay selected when their
 * parents are gone. Without a rule nothing is selected. This process is never selected, and the first process of the
 * system only by its pid: it may hold the listening sockets of others and is the ancestor of all.
 *
 * <p>Only the processes that the rules need are looked at: a pid rule reads nothing of others.
 */
public final class Selector implements AutoCloseable {
  private static final int INIT = 1;

  /** Where the selection is kept; both calls may be repeated. */
  public interface Bits {
    void set(int tgid);

    void clear(int tgid);
  }

  /** Which processes to observe; its text is the reason {@link #why} gives. */
  public sealed interface Rule permits Port, Pid, Exe {}

  /** Processes that listen on a TCP port, in any network of this machine. */
  public record Port(int port) implements Rule {
    public Port {
      if (port < 1 || port > 65535) throw new IllegalArgumentException("port " + port + " is not 1 to 65535");
    }

    @Override
    public String toString() {
      return "port " + port;
    }
  }

  /** One process. */
  public record Pid(int pid) implements Rule {
    public Pid {
      if (pid < 1) throw new IllegalArgumentException("pid " + pid + " is not 1 or more");
    }

    @Override
    public String toString() {
      return "pid " + pid;
    }
  }

  /** Processes whose program's path matches; {@code *} is any text, {@code ?} any character. */
  public record Exe(String glob) implements Rule {
    public Exe {
      if (glob.isBlank()) throw new IllegalArgumentException("exe is empty");
    }

    Pattern pattern() {
      StringBuilder regex = new StringBuilder();
      for (char c : glob.toCharArray()) {
        regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
      }
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    @Override
    public String toString() {
      return "exe " + glob;
    }
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
  private final Map<Exe, Pattern> patterns = new HashMap<>();
  private final Bits bits;
  private Map<Integer, Selected> selected = Map.of();
  private int hidden;

  /** @param proc a proc file system of the initial pid namespace, {@code /proc} */
  public Selector(Path proc, List<Rule> rules, Bits bits) {
    this(proc, rules, bits, (int) ProcessHandle.current().pid());
  }

  Selector(Path proc, List<Rule> rules, Bits bits, int self) {
    this.proc = new ProcFs(proc);
    this.rules = List.copyOf(rules);
    this.bits = bits;
    this.self = self;
    for (Rule r : rules) if (r instanceof Exe e) patterns.put(e, e.pattern());
  }

  /** Looks again: sets the bits of processes that match now and clears those that no longer do. */
  public synchronized void refresh() {
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
    hidden = 0;
    for (Rule r : rules) if (r instanceof Pid p) root(now, p.pid, p);
    Set<Integer> ports = new TreeSet<>();
    for (Rule r : rules) if (r instanceof Port p) ports.add(p.port);
    if (ports.isEmpty() && patterns.isEmpty()) return;
    Map<String, Map<Long, Integer>> networks = new HashMap<>();
    List<Integer> pids = proc.pids();
    pids.removeIf(pid -> pid == INIT || pid == self);
    for (int pid : pids) {
      if (!ports.isEmpty()) network(pid, ports, networks);
      matchExe(now, pid);
    }
    Map<Long, Integer> listening = new HashMap<>();
    networks.values().forEach(listening::putAll);
    if (!listening.isEmpty()) for (int pid : pids) matchPort(now, pid, listening);
  }

  private void network(int pid, Set<Integer> ports, Map<String, Map<Long, Integer>> networks) {
    Optional<String> network = proc.network(pid);
    if (network.isEmpty() || networks.containsKey(network.get())) return;
    Map<Long, Integer> sockets = proc.listening(pid);
    sockets.values().retainAll(ports);
    networks.put(network.get(), sockets);
  }

  private void matchExe(Map<Integer, Selected> now, int pid) {
    if (patterns.isEmpty()) return;
    Optional<String> exe = proc.exe(pid);
    if (exe.isEmpty() && proc.forbidden(pid)) hidden++;
    if (exe.isPresent()) patterns.forEach((rule, p) -> {
      if (p.matcher(exe.get()).matches()) root(now, pid, rule);
    });
  }

  private void matchPort(Map<Integer, Selected> now, int pid, Map<Long, Integer> listening) {
    Optional<List<Long>> sockets = proc.sockets(pid);
    if (sockets.isEmpty() && proc.forbidden(pid)) hidden++;
    for (long inode : sockets.orElse(List.of())) {
      Integer port = listening.get(inode);
      if (port != null) root(now, pid, new Port(port));
    }
  }

  private void root(Map<Integer, Selected> now, int pid, Rule rule) {
    if (pid == self) return;
    OptionalLong start = proc.startTime(pid);
    if (start.isEmpty()) return;
    now.putIfAbsent(pid, new Selected(start.getAsLong(), rule.toString(), pid, start.getAsLong()));
  }

  private void descendants(Map<Integer, Selected> now) {
    ArrayDeque<Integer> open = new ArrayDeque<>(now.keySet());
    open.remove(INIT);
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

  /** Clears all bits that are set. */
  @Override
  public synchronized void close() {
    Map<Integer, Selected> now = new HashMap<>(selected);
    descendants(now);
    now.keySet().forEach(bits::clear);
    selected = Map.of();
  }
}
