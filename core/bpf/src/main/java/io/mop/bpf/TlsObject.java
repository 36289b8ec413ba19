package io.mop.bpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The programs that read plaintext in TLS libraries, loaded beside the capture programs. For one thread. */
final class TlsObject implements AutoCloseable {
  private static final String OBJECT = "tls.bpf.o";
  private static final String ENTER = "tls_enter";
  private static final String EXIT = "tls_exit";
  private static final List<String> SHARED =
      List.of("ring", "selection", "counters", "policies", "policy_generation", "tls_threads", "tls_states");

  /** BPF_TRACE_UPROBE_MULTI of linux/bpf.h. */
  private static final int UPROBE_MULTI = 48;
  private static final int RETURN = 1;
  private static final int LINK_CREATE = 28;
  /** Number of bpf(2) on x86-64. */
  private static final int SYS_BPF = 321;
  /** union bpf_attr of linux/bpf.h: the members of link_create.uprobe_multi. */
  private static final int ATTRIBUTES = 64;
  private static final int PROGRAM = 0;
  private static final int ATTACH_TYPE = 8;
  private static final int PATH = 16;
  private static final int OFFSETS = 24;
  private static final int COOKIES = 40;
  private static final int COUNT = 48;
  private static final int FLAGS = 52;
  private static final int PID = 56;

  private static final int CLOSERS = 64;

  private final BpfObject object;

  private TlsObject(BpfObject object) {
    this.object = object;
  }

  /** @throws BpfException with the reason, which goes on after a colon */
  static TlsObject load(Probe probe) throws BpfException {
    if (!System.getProperty("os.arch").equals("amd64")) throw new BpfException("TLS probes: x86-64 only");
    if (!Kernel.hasFunction("bpf_uprobe_multi_link_attach")) {
      throw new BpfException("this kernel has no uprobe.multi: TLS probes need Linux 6.6 or later");
    }
    BpfObject object = BpfObject.open(OBJECT, Probe.elf(OBJECT));
    try {
      probe.setKnobs(object);
      for (String map : SHARED) object.reuse(map, probe.mapFd(map));
      object.expect(ENTER, UPROBE_MULTI);
      object.expect(EXIT, UPROBE_MULTI);
      object.load();
      return new TlsObject(object);
    } catch (BpfException | RuntimeException | Error e) {
      object.close();
      throw e;
    }
  }

  /**
   * Attaches to one process alone.
   *
   * @param file as this process sees it
   * @param attachment a number that no other attachment has
   */
  Links attach(int pid, Path file, List<TlsSites.Site> sites, int attachment) throws BpfException {
    int enter = link(ENTER, 0, pid, file, sites, attachment);
    try {
      return new Links(enter, link(EXIT, RETURN, pid, file, sites, attachment));
    } catch (BpfException e) {
      Libc.close(enter);
      throw e;
    }
  }

  private int link(String program, int flags, int pid, Path file, List<TlsSites.Site> sites, int attachment)
      throws BpfException {
    byte[] name = (file + "\0").getBytes(StandardCharsets.UTF_8);
    try (Memory attributes = new Memory(ATTRIBUTES);
        Memory path = new Memory(name.length);
        Memory offsets = new Memory((long) sites.size() * Long.BYTES);
        Memory cookies = new Memory((long) sites.size() * Long.BYTES)) {
      path.write(0, name, 0, name.length);
      for (int i = 0; i < sites.size(); i++) {
        offsets.setLong((long) i * Long.BYTES, sites.get(i).offset());
        cookies.setLong((long) i * Long.BYTES, sites.get(i).cookie(attachment));
      }
      attributes.clear();
      attributes.setInt(PROGRAM, object.programFd(program));
      attributes.setInt(ATTACH_TYPE, UPROBE_MULTI);
      attributes.setPointer(PATH, path);
      attributes.setPointer(OFFSETS, offsets);
      attributes.setPointer(COOKIES, cookies);
      attributes.setInt(COUNT, sites.size());
      attributes.setInt(FLAGS, flags);
      attributes.setInt(PID, pid);
      long fd = Libc.syscall(SYS_BPF, LINK_CREATE, attributes, ATTRIBUTES);
      if (fd < 0) throw new BpfException("cannot attach: " + Libc.strerror(Native.getLastError()));
      return (int) fd;
    }
  }

  /** What a process is probed by; {@link #close} takes the probes out. */
  record Links(int enter, int exit) implements AutoCloseable {
    @Override
    public void close() {
      Libc.close(enter);
      Libc.close(exit);
    }
  }

  /** Closes many: each waits until no CPU runs its programs, and so they wait together. */
  static void close(List<Links> links) {
    if (links.isEmpty()) return;
    ExecutorService together = Executors.newFixedThreadPool(Math.min(links.size(), CLOSERS));
    links.forEach(l -> together.execute(l::close));
    together.shutdown();
    try {
      together.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // they are closed nevertheless
    }
  }

  @Override
  public void close() {
    object.close();
  }
}
