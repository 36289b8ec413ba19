package io.mop.launcher;

import java.nio.file.Path;

/** Who launches MOP to do something with it while it runs; both calls are on the launching thread. */
public interface Attendant {
  /**
   * MOP runs, its receivers are started.
   *
   * @param state its state directory, with {@code mop.sock}
   * @throws LaunchException to stop it at once
   */
  void running(Path state) throws LaunchException;

  /** Receivers have stopped and what was held is delivered; the control socket still answers. */
  void drained();
}
