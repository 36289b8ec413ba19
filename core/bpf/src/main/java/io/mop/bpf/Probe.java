package io.mop.bpf;

import com.sun.jna.Pointer;
import io.mop.capture.Policies;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The capture programs at work, and what is shared with them. */
final class Probe implements AutoCloseable {
  private static final String OBJECT = "capture.bpf.o";
  /** struct knobs of probes-native/include/knobs.h. */
  private static final int KNOB_SELF = 0;
  private static final int KNOB_WAKEUP_BYTES = 4;
  private static final int KNOB_FIRST_ID = 8;
  private static final int KNOB_CASTS = 16;
  /** The reader is woken when this share of the ring has filled before its time. */
  private static final int WAKEUP_SHARE = 8;

  private final BpfObject object;
  private final FrontEnd frontEnd;
  private final boolean sendStart;
  private int wakeupBytes;
  private Ring ring;
  private SelectionBitmap selection;
  private Counters counters;
  private Classifiers classifiers;
  private PolicyMap policies;

  private Probe(BpfObject object, FrontEnd frontEnd, boolean sendStart) {
    this.object = object;
    this.frontEnd = frontEnd;
    this.sendStart = sendStart;
  }

  /**
   * Loads and attaches the programs; nothing is selected.
   *
   * @param ringBytes a power of two, at least a page, at most 256 MiB
   * @param hook the front end, or the best that this kernel has
   * @throws BpfException with one sentence for the operator; nothing is left behind
   */
  static Probe start(int ringBytes, EbpfPlugin.Hook hook) throws BpfException {
    Kernel.check();
    FrontEnd frontEnd = FrontEnd.choose(hook);
    boolean sendStart = frontEnd == FrontEnd.SOCK && Kernel.hasTracepoint("tcp_sendmsg_locked");
    Probe probe = new Probe(BpfObject.open(OBJECT, elf(OBJECT)), frontEnd, sendStart);
    try {
      probe.load(ringBytes);
      return probe;
    } catch (BpfException | RuntimeException | Error e) {
      probe.close();
      throw e;
    }
  }

  private void load(int ringBytes) throws BpfException {
    wakeupBytes = ringBytes / WAKEUP_SHARE;
    setKnobs(object);
    object.maxEntries("ring", ringBytes);
    for (FrontEnd other : FrontEnd.values()) {
      if (other == frontEnd) continue;
      for (String program : other.programs()) object.omit(program);
      object.omitMap(other.state());
    }
    object.callOnly(frontEnd.tells());
    if (frontEnd == FrontEnd.SOCK && !sendStart) object.omit("tcp_send_start");
    object.load();
    counters = Counters.of(object, "counters");
    classifiers = new Classifiers(object, frontEnd);
    policies = new PolicyMap(object.mapFd("policies"), object.mapFd("policy_generation"), classifiers);
    selection = SelectionBitmap.map(object.mapFd("selection"), self());
    ring = Ring.map(object.mapFd("ring"), ringBytes);
    object.attach();
  }

  private static int self() {
    return Math.toIntExact(ProcessHandle.current().pid());
  }

  /** Sets the constants of an object, which is not loaded yet. */
  void setKnobs(BpfObject object) throws BpfException {
    Pointer knobs = object.initialValue(".rodata");
    knobs.setInt(KNOB_SELF, self());
    knobs.setInt(KNOB_WAKEUP_BYTES, wakeupBytes);
    // No earlier start has used these numbers: connections come slower than nanoseconds.
    knobs.setLong(KNOB_FIRST_ID, System.nanoTime());
    knobs.setInt(KNOB_CASTS, Kernel.hasFunction("bpf_rdonly_cast") ? 1 : 0);
  }

  static byte[] elf(String object) throws BpfException {
    try (InputStream in = Probe.class.getResourceAsStream(object)) {
      if (in == null) throw new BpfException("the bundle does not hold " + object);
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BpfException("cannot read " + object + " from the bundle: " + e);
    }
  }

  /** Of a map that another object shares; stays the probe's. */
  int mapFd(String map) throws BpfException {
    return object.mapFd(map);
  }

  Ring ring() {
    return ring;
  }

  SelectionBitmap selection() {
    return selection;
  }

  /** For the thread that reads the ring. */
  Policies policies() {
    return policies;
  }

  Classifiers classifiers() {
    return classifiers;
  }

  Map<Counter, Long> counters() {
    return counters.read();
  }

  /** Runs of a program that did not happen because it was running already on that CPU. */
  long recursionMisses() {
    return object.recursionMisses();
  }

  FrontEnd frontEnd() {
    return frontEnd;
  }

  /** Whether the time of a SEND over TCP is that of its start. */
  boolean knowsSendStart() {
    return sendStart;
  }

  /** No further record comes; what is in the ring can still be drained. */
  void detach() {
    object.detach();
  }

  /** No other thread may be using the ring, the selection, the policies or the counters. */
  @Override
  public void close() {
    object.detach();
    if (ring != null) ring.close();
    if (selection != null) selection.close();
    if (policies != null) policies.close();
    if (classifiers != null) classifiers.close();
    if (counters != null) counters.close();
    object.close();
  }
}
