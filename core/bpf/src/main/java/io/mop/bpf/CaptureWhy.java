package io.mop.bpf;

import io.mop.capture.Capture;
import io.mop.capture.Inspector;
import io.mop.capture.LiveConnection;
import io.mop.capture.Rule;
import io.mop.capture.RuleFinding;
import io.mop.capture.Selector;
import io.mop.control.Why;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What one capture knows of processes, for an operator who asks. For any thread. */
final class CaptureWhy {
  /** Of a ring that is read, the next drain is within a second. */
  private static final long PATIENCE_SECONDS = 5;
  private static final int INIT = 1;
  private static final String FORKED = "the kernel selected it as a selected process forked it";

  private final List<Rule> rules;
  private final RecordReader.Bits bits;
  private final Selector selector;
  private final Capture capture;
  private final boolean suppress;
  private final Inspector inspector;
  private volatile IntFunction<Optional<String>> tls = pid -> Optional.empty();
  private final int self = (int) ProcessHandle.current().pid();

  /** Connections as they are now; without an answer of the ring's reader {@code problem} says so. */
  private record Seen(List<LiveConnection> connections, Optional<String> problem) {
    List<LiveConnection> of(Predicate<LiveConnection> which) {
      return connections.stream().filter(which).toList();
    }
  }

  CaptureWhy(
      Path proc, List<Rule> rules, RecordReader.Bits bits, Selector selector, Capture capture, boolean suppress) {
    this.rules = List.copyOf(rules);
    this.bits = bits;
    this.selector = selector;
    this.capture = capture;
    this.suppress = suppress;
    inspector = new Inspector(proc);
  }

  /** What is read of the TLS libraries of a process, e.g. {@code TLS by libssl.so.3: read by uprobes}. */
  void tls(IntFunction<Optional<String>> libraries) {
    tls = libraries;
  }

  List<String> rules() {
    return rules.stream().map(Rule::toString).toList();
  }

  Map<String, Long> counters() {
    return capture.counters().snapshot();
  }

  /** The process; empty if there is none and none was seen. */
  List<Why.Process> process(int pid) {
    Seen seen = seen();
    Optional<Inspector.Inspected> found = inspector.process(pid);
    int tgid = found.map(Inspector.Inspected::tgid).orElse(pid);
    List<LiveConnection> its = seen.of(c -> c.tgid() == tgid);
    if (found.isEmpty() && its.isEmpty()) return List.of();
    return List.of(process(tgid, "", found, its, seen.problem));
  }

  /** Who listens on the port, and whose connections lead to it. */
  List<Why.Process> port(int port) {
    Seen seen = seen();
    List<Why.Process> all = new ArrayList<>();
    String end = ":" + port;
    Inspector.Holders holders = inspector.holders(port);
    Optional<String> problem = seen.problem;
    if (holders.hidden() > 0) {
      String hidden = "of " + holders.hidden() + " processes it cannot be told whether they listen on it:"
          + " CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH needed";
      problem = Optional.of(problem.map(p -> p + "; " + hidden).orElse(hidden));
    }
    for (int pid : holders.pids()) {
      List<LiveConnection> its = seen.of(c -> c.tgid() == pid && c.local().endsWith(end));
      all.add(process(pid, "listens on " + port, inspector.process(pid), its, problem));
    }
    Map<Integer, List<LiveConnection>> clients =
        seen.of(c -> c.remote().endsWith(end)).stream()
            .collect(Collectors.groupingBy(LiveConnection::tgid, LinkedHashMap::new, Collectors.toList()));
    clients.forEach(
        (pid, its) -> all.add(process(pid, "client of " + port, inspector.process(pid), its, seen.problem)));
    return all;
  }

  private Seen seen() {
    try {
      CompletableFuture<List<LiveConnection>> answer = capture.connections().toCompletableFuture();
      return new Seen(answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS), Optional.empty());
    } catch (TimeoutException | ExecutionException e) {
      return new Seen(List.of(), Optional.of("its connections cannot be told: the ring is not read now"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Seen(List.of(), Optional.of("its connections cannot be told: interrupted"));
    }
  }

  private Why.Process process(
      int pid,
      String part,
      Optional<Inspector.Inspected> found,
      List<LiveConnection> connections,
      Optional<String> problem) {
    List<String> notes = new ArrayList<>(found.map(Inspector.Inspected::notes).orElse(List.of()));
    boolean selected = found.isPresent() && bits.all().contains(pid);
    Optional<String> reason = found.isEmpty() ? Optional.of("it has ended") : reason(pid, selected);
    boolean selectable = found.isPresent() && pid != self && pid != INIT;
    List<RuleFinding> findings = selectable && !selected ? selector.findings(pid) : List.of();
    found.ifPresent(f -> notes.add(tls.apply(pid).orElse(f.tls())));
    if (findings.stream().anyMatch(RuleFinding::holds)) {
      notes.add("a rule names it: it is selected at the next look, within about a second");
    }
    if (selected || !connections.isEmpty()) sdk(pid).ifPresent(notes::add);
    problem.ifPresent(notes::add);
    return new Why.Process(
        pid,
        found.map(Inspector.Inspected::program).orElse(""),
        part,
        selected,
        reason.orElse(""),
        findings.stream().map(CaptureWhy::rule).toList(),
        notes,
        AlikeConnections.of(connections));
  }

  private Optional<String> reason(int pid, boolean selected) {
    if (selected) return Optional.of(selector.why(pid).orElse(FORKED));
    if (pid == self) return Optional.of("it is MOP itself, which never observes itself");
    if (pid == INIT) return Optional.of("it is the first process, the ancestor of all, which is never selected");
    if (rules.isEmpty()) return Optional.of("the receiver has no rules: select is empty");
    return Optional.empty();
  }

  private Optional<String> sdk(int pid) {
    String then = suppress ? "its spans are left out (own_sdk: suppress)" : "its spans are kept (own_sdk: keep)";
    return capture.ownSdk(pid).map(s -> s + "; " + then);
  }

  private static Why.Rule rule(RuleFinding finding) {
    return new Why.Rule(
        finding.rule().toString(),
        finding.conditions().stream()
            .map(c -> new Why.Condition(c.condition().toString(), c.holds(), c.found()))
            .toList());
  }
}
