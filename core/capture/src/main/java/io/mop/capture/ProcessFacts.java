package io.mop.capture;

import java.io.IOException;
import java.util.List;

/** What /proc says of one process, each read when it is first asked for. */
final class ProcessFacts {
  private interface Reading<T> {
    T read(int pid) throws IOException;
  }

  private final class Once<T> {
    private final Reading<T> reading;
    private T value;
    private IOException failure;

    Once(Reading<T> reading) {
      this.reading = reading;
    }

    T get() throws IOException {
      if (failure != null) throw failure;
      try {
        if (value == null) value = reading.read(pid);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
      return value;
    }
  }

  private final int pid;
  private final Once<String> exe;
  private final Once<String> command;
  private final Once<String> cgroups;
  private final Once<List<Long>> sockets;

  ProcessFacts(ProcFs proc, int pid) {
    this.pid = pid;
    exe = new Once<>(proc::exe);
    command = new Once<>(proc::command);
    cgroups = new Once<>(proc::cgroups);
    sockets = new Once<>(proc::sockets);
  }

  int pid() {
    return pid;
  }

  String exe() throws IOException {
    return exe.get();
  }

  String command() throws IOException {
    return command.get();
  }

  String cgroups() throws IOException {
    return cgroups.get();
  }

  List<Long> sockets() throws IOException {
    return sockets.get();
  }
}
