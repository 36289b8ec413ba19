package io.mop.bpf;

import com.sun.jna.Memory;
import io.mop.api.capture.Protocol;
import io.mop.capture.Policies;
import io.mop.capture.Policy;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** The kernel's table of policies and classifiers by connection. For one thread. */
final class PolicyMap implements Policies, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PolicyMap.class.getName());
  /** Of a policy; above it is the number of a classifier. */
  private static final int POLICY_BITS = 8;

  private final int policies;
  private final int generations;
  private final Classifiers classifiers;
  private final Memory connection = new Memory(Long.BYTES);
  private final Memory policy = new Memory(Integer.BYTES);
  private final Memory zero = new Memory(Integer.BYTES);
  private final Memory generation = new Memory(Integer.BYTES);

  /** Of the descriptors of the two maps, which stay the caller's. */
  PolicyMap(int policies, int generations, Classifiers classifiers) {
    this.classifiers = classifiers;
    this.policies = policies;
    this.generations = generations;
    zero.setInt(0, 0);
    generation.setInt(0, 0);
  }

  @Override
  public void set(long conn, Policy wanted, Optional<Protocol> framedBy) {
    connection.setLong(0, conn);
    policy.setInt(0, wanted.ordinal() | framedBy.map(classifiers::stage).orElse(0) << POLICY_BITS);
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
