package io.mop.deploy;

import java.time.Instant;
import java.util.List;

/**
 * The status of one plugin file or installed version.
 *
 * @param file name in the plugins directory
 * @param name symbolic name, empty if the file could not be read
 * @param version Bundle-Version, empty if the file could not be read
 * @param sha256 64 hexadecimal digits, empty if the file could not be read
 * @param plugins what it provides, e.g. {@code processors.rename}; empty if it is not installed
 * @param since when it came into this state
 * @param reason one sentence, empty if there is nothing to say
 * @param trust what the trust check found, e.g. {@code listed in trusted.sha256}
 */
public record Installation(
    String file,
    String name,
    String version,
    String sha256,
    List<String> plugins,
    State state,
    Instant since,
    String reason,
    String trust) {

  /** What is being done with a file. */
  public enum State {
    /** The engine uses it. */
    ACTIVE,
    /** In order, but a better version is used. */
    STANDBY,
    /** No longer on disk; installed until the end of the rollback window. */
    REPLACED,
    /** Installed, but the engine does not use it. */
    QUARANTINED,
    /** Not installed; the reason says why. */
    REFUSED,
    /** Deleted and uninstalled. */
    REMOVED
  }
}
