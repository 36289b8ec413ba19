package io.mop.bpf;

import static io.mop.bpf.Libbpf.*;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A compiled object of programs and maps: open, adjust, {@link #load}, {@link #attach}, {@link #close}. For one thread.
 */
final class BpfObject implements AutoCloseable {
  private static final int EPERM = 1;
  private static final int EACCES = 13;
  private static final long LOG_BYTES = 1 << 20;
  private static final int LOG_LINES = 3;
  /** struct bpf_prog_info of linux/bpf.h up to and with recursion_misses, its last field here. */
  private static final int INFO_BYTES = 216;
  private static final int RECURSION_MISSES = 208;

  private final String name;
  private final Map<String, Pointer> programs = new LinkedHashMap<>();
  private final Set<String> calledOnly = new HashSet<>();
  private final List<Pointer> links = new ArrayList<>();
  private Pointer object;

  private BpfObject(String name, Pointer object) {
    this.name = name;
    this.object = object;
    for (Pointer p = next(null); p != null; p = next(p)) programs.put(bpf_program__name(p), p);
  }

  private Pointer next(Pointer previous) {
    return bpf_object__next_program(object, previous);
  }

  /** @param name for messages */
  static BpfObject open(String name, byte[] elf) throws BpfException {
    Libbpf.load();
    Pointer object = bpf_object__open_mem(elf, elf.length, null);
    if (object == null) throw new BpfException("cannot read " + name + ": " + Libc.strerror(Native.getLastError()));
    return new BpfObject(name, object);
  }

  /** Leaves a program out: one whose target this kernel lacks would fail the whole object. */
  void omit(String program) throws BpfException {
    check(bpf_program__set_autoload(program(program), false), "leave out program " + program);
  }

  /** Leaves a map out that no program in use reads. */
  void omitMap(String map) throws BpfException {
    check(bpf_map__set_autocreate(map(map), false), "leave out map " + map);
  }

  /** Does not attach a program that others call. */
  void callOnly(String program) {
    calledOnly.add(program);
  }

  /** Uses a map that another object has made; before {@link #load}. */
  void reuse(String map, int fd) throws BpfException {
    check(bpf_map__reuse_fd(map(map), fd), "share map " + map);
  }

  /** How a program will be attached, where its section does not say; before {@link #load}. */
  void expect(String program, int attachType) throws BpfException {
    check(bpf_program__set_expected_attach_type(program(program), attachType), "prepare program " + program);
  }

  /** The tracepoint whose arguments a program takes, where its section does not say; before {@link #load}. */
  void target(String program, String tracepoint) throws BpfException {
    check(bpf_program__set_attach_target(program(program), 0, tracepoint), "prepare program " + program);
  }

  void maxEntries(String map, int entries) throws BpfException {
    check(bpf_map__set_max_entries(map(map), entries), "size map " + map);
  }

  /** The initial content of a map, to be changed before {@link #load}. */
  Pointer initialValue(String map) throws BpfException {
    Memory size = new Memory(Native.SIZE_T_SIZE); // not null: libbpf writes to it
    Pointer value = bpf_map__initial_value(map(map), size);
    if (value == null) throw new BpfException(name + ": map " + map + " has no initial value");
    return value;
  }

  /**
   * Creates the maps and gives the programs to the kernel.
   *
   * @throws BpfException with the last lines of the verifier if it refuses one
   */
  void load() throws BpfException {
    Map<String, Memory> logs = new LinkedHashMap<>();
    for (Map.Entry<String, Pointer> program : programs.entrySet()) {
      Memory log = new Memory(LOG_BYTES);
      log.setByte(0, (byte) 0);
      logs.put(program.getKey(), log);
      bpf_program__set_log_buf(program.getValue(), log, LOG_BYTES);
    }
    int result = bpf_object__load(object);
    try {
      if (result < 0) throw new BpfException(loadFailure(-result, logs));
    } finally {
      logs.values().forEach(Memory::close);
    }
  }

  private String loadFailure(int errno, Map<String, Memory> logs) {
    if (errno == EPERM) return "the kernel refuses eBPF programs: CAP_BPF and CAP_PERFMON are needed";
    StringBuilder sentence = new StringBuilder("cannot load " + name + ": " + Libc.strerror(errno));
    logs.forEach((program, log) -> {
      String end = lastLines(log.getString(0));
      if (!end.isEmpty()) sentence.append("; the verifier on program ").append(program).append(": ").append(end);
    });
    return sentence.toString();
  }

  /** The verifier's reason stands before its closing statistics. */
  static String lastLines(String log) {
    List<String> lines = log.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
  }

  /** Attaches every program that was loaded and is not {@link #callOnly}. */
  void attach() throws BpfException {
    for (Map.Entry<String, Pointer> program : programs.entrySet()) {
      if (!bpf_program__autoload(program.getValue()) || calledOnly.contains(program.getKey())) continue;
      Pointer link = bpf_program__attach(program.getValue());
      if (link == null) throw new BpfException(attachFailure(program.getKey(), Native.getLastError()));
      links.add(link);
    }
  }

  private String attachFailure(String program, int errno) {
    String why = errno == EPERM || errno == EACCES ? "CAP_BPF and CAP_PERFMON are needed" : Libc.strerror(errno);
    return "cannot attach program " + program + " of " + name + ": " + why;
  }

  /** From now on no program runs; maps stay readable. */
  void detach() {
    links.forEach(Libbpf::bpf_link__destroy);
    links.clear();
  }

  int mapFd(String map) throws BpfException {
    return check(bpf_map__fd(map(map)), "use map " + map);
  }

  int programFd(String program) throws BpfException {
    return check(bpf_program__fd(program(program)), "use program " + program);
  }

  int valueSize(String map) throws BpfException {
    return bpf_map__value_size(map(map));
  }

  /** How often a program did not run because it was running already on that CPU; 0 where the kernel does not tell. */
  long recursionMisses() {
    long sum = 0;
    try (Memory info = new Memory(INFO_BYTES); Memory size = new Memory(Integer.BYTES)) {
      for (Pointer program : programs.values()) {
        int fd = bpf_program__fd(program);
        if (fd < 0) continue;
        info.clear(); // the kernel takes it for arguments
        size.setInt(0, INFO_BYTES);
        if (bpf_obj_get_info_by_fd(fd, info, size) == 0) sum += info.getLong(RECURSION_MISSES);
      }
    }
    return sum;
  }

  /** Detaches and gives everything back. */
  @Override
  public void close() {
    if (object == null) return;
    detach();
    bpf_object__close(object);
    object = null;
  }

  private Pointer program(String program) throws BpfException {
    Pointer found = programs.get(program);
    if (found == null) throw new BpfException(name + " has no program " + program);
    return found;
  }

  private Pointer map(String map) throws BpfException {
    Pointer found = bpf_object__find_map_by_name(object, map);
    if (found == null) throw new BpfException(name + " has no map " + map);
    return found;
  }

  private int check(int result, String doing) throws BpfException {
    if (result < 0) throw new BpfException(name + ": cannot " + doing + ": " + Libc.strerror(-result));
    return result;
  }
}
