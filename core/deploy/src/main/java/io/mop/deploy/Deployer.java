package io.mop.deploy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The plugins directory; a service. A JAR dropped in is installed, one overwritten is replaced while the old version
 * works on, one removed is taken out. A plugin's identity is the SHA-256 of its file, not its version.
 *
 * <p>All methods may be called on any thread; those that change something wait until it is done.
 */
public interface Deployer {
  /** Every file of the directory and every version still installed without one, by file name. */
  List<Installation> records();

  /** What became of the last 50 files that came or went, newest first. */
  List<Swap> swaps();

  /** One sentence if the directory or a trust file cannot be used; what runs is left as it is meanwhile. */
  Optional<String> problem();

  /**
   * Copies {@code jar} into the directory under its own file name, or looks again at a file already there.
   *
   * @return the outcome; of a file already there its state may be {@link Installation.State#REFUSED}
   * @throws Refusal if it could not be copied, or was refused: the directory is as it was, with the file that had this
   *     name
   */
  Installation replace(Path jar) throws Refusal;

  /**
   * Goes back to the version before, if it is still installed or another file has it. The newer one is renamed to
   * {@code <file>.rolled-back}.
   *
   * @param name symbolic name, file name or a plugin such as {@code rename} or {@code processors.rename}
   * @return what is active now
   */
  Installation rollback(String name) throws Refusal;

  /**
   * Deletes files and uninstalls: one file if {@code name} is a file name, else all of that plugin.
   *
   * @param name as for {@link #rollback}
   * @return what was removed
   */
  Installation remove(String name) throws Refusal;

  /** One sentence: what would become of {@code jar}, or why it was refused. Changes nothing. */
  String why(Path jar);
}
