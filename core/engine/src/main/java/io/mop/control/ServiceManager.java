package io.mop.control;

import java.io.IOException;

/** The service manager that started this process; a service of the bundle that may call native code. */
public interface ServiceManager {
  /**
   * Sends one message, as sd_notify(3) of systemd does.
   *
   * @param socket value of {@code NOTIFY_SOCKET}: a path, or {@code @} and an abstract name
   * @param state lines of {@code KEY=value}, e.g. {@code READY=1}
   */
  void notify(String socket, String state) throws IOException;
}
