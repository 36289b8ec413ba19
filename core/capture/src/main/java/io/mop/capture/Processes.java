package io.mop.capture;

import java.util.Optional;
import java.util.Set;

/** What capture asks about observed processes. Called by the ring thread once a connection, not once a span. */
public interface Processes {
  /** The process as a resource; one that is gone or hidden still has {@code process.pid} and a service name. */
  Resource resource(int tgid);

  /**
   * The same.
   *
   * @param command name that the kernel gave it, used if nothing better can be read; may be empty
   */
  default Resource resource(int tgid, String command) {
    return resource(tgid);
  }

  /** Whether {@code port} is a listening TCP port where the process runs. */
  boolean listens(int tgid, int port);

  /** TCP ports that the process itself listens on; empty if it is gone or may not be looked at. */
  Optional<Set<Integer>> listening(int tgid);

  /** The process of a thread, 0 if unknown. */
  int tgid(int tid);
}
