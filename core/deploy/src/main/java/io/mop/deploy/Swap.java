package io.mop.deploy;

import java.time.Duration;
import java.time.Instant;

/**
 * What became of a file that came or went.
 *
 * @param at when it was done
 * @param took from the start of the installation until the engine had settled
 * @param file name in the plugins directory
 * @param name symbolic name
 * @param from version used before, or empty
 * @param to version used since, or empty
 * @param reason one sentence, or empty
 */
public record Swap(
    Instant at, Duration took, String file, String name, String from, String to, Outcome outcome, String reason) {

  /** How it ended. */
  public enum Outcome {
    /** First version of a plugin. */
    INSTALLED,
    /** Another version took over. */
    REPLACED,
    /** It was not taken; what ran runs on. */
    REFUSED,
    /** The version before took over again. */
    ROLLED_BACK,
    /** It went away. */
    REMOVED
  }
}
