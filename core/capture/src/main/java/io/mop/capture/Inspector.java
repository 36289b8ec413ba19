package io.mop.capture;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks at a process because an operator asks for it, whether it is selected or not. For any thread. */
public final class Inspector {
  private final Path root;
  private final ProcFs proc;

  /**
   * A process that lives.
   *
   * @param tgid of the process, also when a thread's id was asked for
   * @param program path as the process sees it; empty if it may not be read
   * @param notes sentences, without a full stop
   * @param tls a sentence on what it encrypts with, by what it has mapped
   */
  public record Inspected(int tgid, String program, List<String> notes, String tls) {}

  /**
   * Who listens on a port, in any network of this machine.
   *
   * @param hidden processes of which that cannot be told
   */
  public record Holders(List<Integer> pids, int hidden) {}

  /** @param proc a proc file system of the initial pid namespace, {@code /proc} */
  public Inspector(Path proc) {
    root = proc;
    this.proc = new ProcFs(proc);
  }

  /** Empty if there is no such process. */
  public Optional<Inspected> process(int pid) {
    int tgid = proc.tgid(pid);
    if (tgid == 0 || proc.startTime(tgid).isEmpty()) return Optional.empty();
    List<String> notes = new ArrayList<>();
    if (tgid != pid) notes.add(pid + " is a thread of process " + tgid);
    proc.innerPid(tgid).ifPresent(n -> notes.add("it is in a PID namespace of its own, where its number is " + n));
    return Optional.of(new Inspected(tgid, program(tgid), notes, TlsLibrary.sentence(root, tgid)));
  }

  private String program(int pid) {
    try {
      return proc.exe(pid);
    } catch (IOException e) {
      return "";
    }
  }

  /** Reads the descriptors of all processes. */
  public Holders holders(int port) {
    Listeners listeners = new Listeners(proc, Set.of(port));
    listeners.next();
    List<Integer> pids = new ArrayList<>();
    int hidden = 0;
    for (int pid : proc.pids()) {
      try {
        if (listeners.listens(pid, port)) pids.add(pid);
      } catch (IOException e) {
        if (pid != Look.INIT && proc.forbidden(pid, e)) hidden++; // that one is never selected by its port
      }
    }
    pids.sort(null);
    return new Holders(pids, hidden);
  }
}
