package io.mop.bpf;

import com.sun.jna.Memory;
import java.util.EnumMap;
import java.util.Map;

/**
 * Reads the counters of the kernel programs, summed over CPUs. Each only grows; the sums of {@link Counter} hold
 * exactly when no observed call is running. For one thread.
 */
final class Counters implements AutoCloseable {
  private static final int COUNT = Counter.values().length;
  private final int fd;
  private final int cpus;
  private final Memory key = new Memory(Integer.BYTES);
  private final Memory values;

  private Counters(int fd, int cpus) {
    this.fd = fd;
    this.cpus = cpus;
    key.setInt(0, 0);
    values = new Memory((long) cpus * COUNT * Long.BYTES);
  }

  static Counters of(BpfObject object, String map) throws BpfException {
    int size = object.valueSize(map);
    if (size != COUNT * Long.BYTES) {
      String found = size / Long.BYTES + " counters";
      throw new BpfException("map " + map + " holds " + found + " where " + COUNT + " are expected");
    }
    return new Counters(object.mapFd(map), Libbpf.libbpf_num_possible_cpus());
  }

  Map<Counter, Long> read() {
    int result = Libbpf.bpf_map_lookup_elem(fd, key, values);
    if (result < 0) throw new IllegalStateException("cannot read the counters: " + Libc.strerror(-result));
    Map<Counter, Long> sums = new EnumMap<>(Counter.class);
    for (Counter counter : Counter.values()) {
      long sum = 0;
      for (int cpu = 0; cpu < cpus; cpu++) sum += values.getLong(((long) cpu * COUNT + counter.ordinal()) * Long.BYTES);
      sums.put(counter, sum);
    }
    return sums;
  }

  @Override
  public void close() {
    key.close();
    values.close();
  }
}
