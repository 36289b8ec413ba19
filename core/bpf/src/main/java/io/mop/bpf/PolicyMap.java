package io.mop.bpf;

import com.sun.jna.Memory;
import io.mop.capture.Policies;
import io.mop.capture.Policy;
import java.lang.System.Logger.Level;

/** The kernel's table of policies by connection. For one thread. */
final class PolicyMap implements Policies, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PolicyMap.class.getName());
  private final int policies;
  private final int generations;
  private final Memory connection = new Memory(Long.BYTES);
  private final Memory policy = new Memory(Integer.BYTES);
  private final Memory zero = new Memory(Integer.BYTES);
  private final Memory generation = new Memory(Integer.BYTES);

  /** Of the descriptors of the two maps, which stay the caller's. */
  PolicyMap(int policies, int generations) {
    this.policies = policies;
    this.generations = generations;
    zero.setInt(0, 0);
    generation.setInt(0, 0);
  }

  @Override
  public void set(long conn, Policy wanted) {
    connection.setLong(0, conn);
    policy.setInt(0, wanted.ordinal());
    generation.setInt(0, generation.getInt(0) + 1);
    update(policies, connection, policy);
    update(generations, zero, generation); // only now do connections look theirs up
  }

  private static void update(int map, Memory key, Memory value) {
    int result = Libbpf.bpf_map_update_elem(map, key, value, 0);
    if (result < 0) LOG.log(Level.WARNING, "cannot tell the kernel how much is wanted: " + Libc.strerror(-result));
  }

  @Override
  public void close() {
    connection.close();
    policy.close();
    zero.close();
    generation.close();
  }
}
