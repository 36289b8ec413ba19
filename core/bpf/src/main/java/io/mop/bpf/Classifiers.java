package io.mop.bpf;

import com.sun.jna.Memory;
import io.mop.api.capture.Classifier;
import io.mop.api.capture.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The classifiers of the protocols in use, in the kernel for as long as these are. For any thread. */
final class Classifiers implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Classifiers.class.getName());
  private static final String PROGRAM = "classify";
  private static final List<String> SHARED = List.of("long_calls", "stages");
  /** Of the program that tells a call: classifiers come behind it, up to the last (probes-native/include/classifier.h). */
  private static final int TELL = 0;
  private static final int LAST = 15;

  private final BpfObject probe;
  private final FrontEnd frontEnd;
  private final Map<Protocol, Loaded> loaded = new IdentityHashMap<>();
  private int latest = TELL;

  private record Loaded(int stage, BpfObject object) {}

  /**
   * @param probe the loaded capture programs, which stay the caller's
   * @throws BpfException the program that tells calls cannot be put in its place
   */
  Classifiers(BpfObject probe, FrontEnd frontEnd) throws BpfException {
    this.probe = probe;
    this.frontEnd = frontEnd;
    put(TELL, probe.programFd(frontEnd.tells()));
  }

  /** Gives a protocol's classifier to the kernel, if it brings one; where that fails all bytes are captured. */
  synchronized void load(String name, Protocol protocol) {
    protocol.classifier().ifPresent(classifier -> {
      try {
        loaded.put(protocol, load(protocol, classifier));
        LOG.log(Level.INFO, "protocol {0}: its classifier is in the kernel", name);
      } catch (BpfException e) {
        LOG.log(Level.WARNING, "protocol {0}: all of long messages is captured: {1}", name, e.getMessage());
      }
    });
  }

  private Loaded load(Protocol protocol, Classifier classifier) throws BpfException {
    int stage = free();
    BpfObject object = BpfObject.open(classifier.resource(), elf(protocol, classifier.resource()));
    try {
      for (String map : SHARED) {
        if (object.valueSize(map) != probe.valueSize(map)) {
          throw new BpfException(classifier.resource() + " was built for another version of MOP: " + map + " differs");
        }
        object.reuse(map, probe.mapFd(map));
      }
      object.target(PROGRAM, frontEnd.target());
      object.load();
      put(stage, object.programFd(PROGRAM));
      latest = stage;
      return new Loaded(stage, object);
    } catch (BpfException | RuntimeException | Error e) {
      object.close();
      throw e;
    }
  }

  /** The one after the latest: connections may have the number of one that is gone until they are told of another. */
  private int free() throws BpfException {
    for (int i = 0; i < LAST; i++) {
      int stage = (latest + i) % LAST + 1;
      if (loaded.values().stream().noneMatch(l -> l.stage == stage)) return stage;
    }
    throw new BpfException("there are " + LAST + " classifiers already");
  }

  private static byte[] elf(Protocol protocol, String resource) throws BpfException {
    try (InputStream in = protocol.getClass().getResourceAsStream(resource)) {
      if (in == null) throw new BpfException("its bundle does not hold " + resource);
      return in.readAllBytes();
    } catch (IOException e) {
      throw new BpfException("cannot read " + resource + " from its bundle: " + e);
    }
  }

  private void put(int stage, int program) throws BpfException {
    try (Memory key = new Memory(Integer.BYTES); Memory value = new Memory(Integer.BYTES)) {
      key.setInt(0, stage);
      value.setInt(0, program);
      int result = Libbpf.bpf_map_update_elem(probe.mapFd("stages"), key, value, 0);
      if (result < 0) throw new BpfException("the kernel does not take the program: " + Libc.strerror(-result));
    }
  }

  /** Takes a protocol's classifier away; calls under way are told without it. */
  synchronized void unload(Protocol protocol) {
    Loaded gone = loaded.remove(protocol);
    if (gone == null) return;
    try (Memory key = new Memory(Integer.BYTES)) {
      key.setInt(0, gone.stage);
      Libbpf.bpf_map_delete_elem(probe.mapFd("stages"), key);
    } catch (BpfException e) {
      LOG.log(Level.WARNING, "a classifier stays in the kernel", e);
    }
    gone.object.close();
  }

  /** The number that a protocol's classifier has in the kernel; 0 if it has none there. */
  synchronized int stage(Protocol protocol) {
    Loaded found = loaded.get(protocol);
    return found == null ? 0 : found.stage;
  }

  @Override
  public synchronized void close() {
    loaded.values().forEach(l -> l.object.close());
    loaded.clear();
  }
}
