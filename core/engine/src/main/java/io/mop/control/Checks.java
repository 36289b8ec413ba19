package io.mop.control;

import java.util.List;
import java.util.Optional;

/** Looks whether this machine and process have what a part of MOP needs; a service, any number of them. */
public interface Checks {
  /** Runs them; changes nothing that stays. Takes at most some seconds and does not throw. */
  List<Check> run();

  /** What a check found. */
  enum Result {
    OK,
    /** MOP runs, with less than it could do. */
    WARN,
    /** What needs it does not work. */
    FAIL
  }

  /**
   * One finding.
   *
   * @param name of what was looked at, e.g. {@code kernel}
   * @param meaning what was found and, if it is not ok, what it means and what to do
   * @param neededBy type of the receiver that alone needs it, e.g. {@code ebpf}; without one a failure is a warning
   */
  record Check(String name, Result result, String meaning, Optional<String> neededBy) {
    public static Check ok(String name, String meaning) {
      return new Check(name, Result.OK, meaning, Optional.empty());
    }

    public static Check warn(String name, String meaning) {
      return new Check(name, Result.WARN, meaning, Optional.empty());
    }

    public static Check fail(String name, String meaning) {
      return new Check(name, Result.FAIL, meaning, Optional.empty());
    }

    /** The same, of a need that only this receiver has. */
    public Check neededBy(String receiver) {
      return new Check(name, result, meaning, Optional.of(receiver));
    }
  }
}
