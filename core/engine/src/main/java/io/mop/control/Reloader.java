package io.mop.control;

import java.util.List;
import java.util.Optional;

/** The configuration file of a running MOP; a service of the configuration bundle. */
public interface Reloader {
  /**
   * Reads the file again and changes over to it.
   *
   * @param discardState processors whose configuration changed start without the state of the one before
   * @throws ConfigError nothing was changed, what ran before runs on
   */
  Reload reload(boolean discardState) throws ConfigError;

  /** What runs now; empty before {@code mop run} has started it. */
  Optional<Applied> applied();

  /** @param notes what the file says and MOP does otherwise, {@code mop.yaml:LINE: …} each */
  record Reload(Changes changes, List<String> notes) {}

  /**
   * What runs.
   *
   * @param file path
   * @param hash SHA-256 in hex of the file's bytes, followed by those of each file it takes in by {@code ${file:…}}
   * @param since Unix milliseconds
   * @param rejected the last try to change it, if that failed
   */
  record Applied(String file, String hash, long since, Optional<Rejected> rejected) {}

  /**
   * A file that did not become the running configuration.
   *
   * @param at Unix milliseconds
   * @param problems at least one sentence
   */
  record Rejected(long at, List<String> problems) {}
}
