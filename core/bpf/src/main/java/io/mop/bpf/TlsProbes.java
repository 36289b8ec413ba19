package io.mop.bpf;

import io.mop.api.plugin.Context;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Probes the OpenSSL of the selected processes, each by itself. A process that is selected, forked, or loads the library
 * is found at the next look; its probes end with it, or when it is no longer selected.
 */
final class TlsProbes implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TlsProbes.class.getName());
  /** Each takes two descriptors. */
  private static final int MOST_PROBED = 1024;
  /** What is probed before it is mapped leaves room for what is. */
  private static final int MOST_AHEAD = 512;
  private static final String PTRACE = "CAP_SYS_PTRACE is needed";

  private final Optional<TlsObject> object;
  /** Why nothing can be probed; empty if it can. */
  private final String refusal;
  private final TlsLibraries libraries;
  private final Map<Integer, Probed> probed = new HashMap<>();
  private final Map<Integer, List<Report>> reports = new ConcurrentHashMap<>();
  private final Set<String> logged = new HashSet<>();
  private final Context.Counter fast;
  private final Context.Counter slow;
  private final Context.Counter refused;
  private int attachments;
  private boolean closed;

  /**
   * What was found of one library in one process.
   *
   * @param library its file's name
   * @param buildId empty if it has none, or could not be read
   * @param state {@code read by uprobes (fast)}, {@code read by uprobes (slow: ...)} or {@code cannot be probed: ...}
   * @param sites where the probes are; empty without any
   */
  record Report(int tgid, String library, String buildId, String state, String sites) {
    /** As in the reason of an edge. */
    String reason() {
      return "TLS by " + library + ": " + state;
    }

    @Override
    public String toString() {
      String id = buildId.isEmpty() ? "" : " build-id " + buildId;
      return library + id + ": " + state + (sites.isEmpty() ? "" : ", sites: " + sites);
    }
  }

  /** A process as it was when it was looked at last. */
  private static final class Probed {
    String program = "";
    /** Files looked at, and those probed before they were mapped. */
    final Set<Object> known = new HashSet<>();
    final Set<Object> ahead = new HashSet<>();
    final List<TlsObject.Links> links = new ArrayList<>();
    int looks;
  }

  private TlsProbes(Optional<TlsObject> object, String refusal, TlsLibraries libraries, Context context) {
    this.object = object;
    this.refusal = refusal;
    this.libraries = libraries;
    fast = context.counter("tls_fast", "{library}", "TLS libraries of processes that are probed");
    slow = context.counter("tls_slow", "{library}", "TLS libraries of processes that are probed at a high cost");
    refused = context.counter("tls_refused", "{library}", "TLS libraries of processes that cannot be probed");
  }

  /** Where TLS cannot be probed, what is found is reported with the reason. */
  static TlsProbes start(Probe probe, Context context) {
    TlsLibraries libraries = new TlsLibraries(Path.of("/proc"));
    try {
      return new TlsProbes(Optional.of(TlsObject.load(probe)), "", libraries, context);
    } catch (BpfException e) {
      LOG.log(Level.WARNING, "TLS libraries are not probed: {0}", e.getMessage());
      return new TlsProbes(Optional.empty(), e.getMessage(), libraries, context);
    }
  }

  /** Looks for libraries in the selected processes, and lets go of the others. */
  synchronized void look(Set<Integer> selected) {
    if (closed) return;
    forget(probed.keySet().stream().filter(pid -> !selected.contains(pid)).toList());
    selected.forEach(this::look);
  }

  private void look(int pid) {
    Optional<String> program = libraries.program(pid);
    if (program.isEmpty()) return;
    Probed p = probed.computeIfAbsent(pid, k -> new Probed());
    if (!p.program.equals(program.get())) p.looks = 0; // exec
    p.program = program.get();
    if (p.program.equals(TlsLibraries.HIDDEN)) {
      if (p.looks++ == 0) report(pid, "a library that may not be looked for", "", cannot(PTRACE), "");
      return;
    }
    if (!libraries.due(p.looks++)) return;
    for (TlsLibraries.Library library : libraries.of(pid)) if (p.known.add(library.key())) probe(pid, library, p);
    if (p.looks == 1) libraries.usual(pid).forEach(library -> ahead(pid, library, p));
  }

  private void probe(int pid, TlsLibraries.Library library, Probed p) {
    String buildId = "";
    try {
      TlsLibraries.Found found = libraries.read(library);
      buildId = found.buildId();
      TlsSites sites = found.sites();
      if (sites.sites().isEmpty()) {
        if (!library.program()) throw new BpfException("it does not export SSL_read and SSL_write");
        return;
      }
      if (!p.ahead.contains(library.key())) attach(pid, library, sites, p);
      (sites.slow() ? slow : fast).add(1);
      String how = sites.slow() ? "slow: about 10 us per call on virtual machines" : "fast";
      report(pid, library.name(), buildId, "read by uprobes (" + how + ")", sites.how());
    } catch (IOException | BpfException e) {
      if (!library.program() || !buildId.isEmpty()) report(pid, library.name(), buildId, cannot(text(e)), "");
    }
  }

  /** A library that the process has not mapped: the kernel puts the probes in if it does, also after exec. */
  private void ahead(int pid, TlsLibraries.Library library, Probed p) {
    boolean room = object.isPresent() && links() < MOST_AHEAD;
    if (!room || p.known.contains(library.key()) || p.ahead.contains(library.key())) return;
    try {
      TlsSites sites = libraries.read(library).sites();
      if (sites.sites().isEmpty()) return;
      attach(pid, library, sites, p);
      p.ahead.add(library.key());
    } catch (IOException | BpfException e) {
      LOG.log(Level.DEBUG, "not probed before it is mapped: {0}: {1}", library.file(), e); // said if it is mapped
    }
  }

  private static String cannot(String why) {
    return "cannot be probed: " + why;
  }

  /** Of an input or output failure the kind, as its message is often a path alone. */
  private static String text(Exception e) {
    if (e instanceof java.nio.file.NoSuchFileException) return "its file was deleted or replaced";
    if (e instanceof java.nio.file.AccessDeniedException) return "its file may not be read: " + PTRACE;
    return String.valueOf(e.getMessage());
  }

  private void attach(int pid, TlsLibraries.Library library, TlsSites sites, Probed p) throws BpfException {
    if (object.isEmpty()) throw new BpfException(refusal);
    if (links() >= MOST_PROBED) {
      throw new BpfException(MOST_PROBED + " are probed already");
    }
    p.links.add(object.get().attach(pid, library.file(), sites.sites(), ++attachments));
  }

  private int links() {
    return probed.values().stream().mapToInt(p -> p.links.size()).sum();
  }

  private void report(int pid, String library, String buildId, String state, String sites) {
    Report report = new Report(pid, library, buildId, state, sites);
    List<Report> all = new ArrayList<>(reports.getOrDefault(pid, List.of()));
    all.add(report);
    reports.put(pid, List.copyOf(all));
    if (sites.isEmpty()) refused.add(1);
    if (logged.size() < MOST_PROBED && logged.add(report.toString())) {
      Level level = sites.isEmpty() || state.contains("slow") ? Level.WARNING : Level.INFO;
      LOG.log(level, "{0}, first in process {1}", report, Integer.toString(pid));
    }
  }

  private void forget(List<Integer> pids) {
    TlsObject.close(pids.stream().map(probed::remove).flatMap(p -> p.links.stream()).toList());
    pids.forEach(reports::remove);
  }

  /** What was found, for people. For any thread. */
  List<Report> reports() {
    return reports.values().stream().flatMap(List::stream).toList();
  }

  /** What was found in a process, as in the reason of an edge; the libraries that are read first. For any thread. */
  Optional<String> of(int tgid) {
    List<Report> found = reports.getOrDefault(tgid, List.of());
    return found.stream().filter(r -> !r.sites.isEmpty()).findFirst().or(() -> found.stream().findFirst())
        .map(Report::reason);
  }

  /** Takes all probes out; later looks find nothing. */
  @Override
  public synchronized void close() {
    if (closed) return;
    closed = true;
    forget(List.copyOf(probed.keySet()));
    object.ifPresent(TlsObject::close);
  }
}
