package io.mop.bpf;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * Where in the kernel the capture programs look. Both fill the same records; what differs is which kernels have it and
 * what it costs those who are not observed.
 */
enum FrontEnd {
  /** The socket tracepoints. */
  SOCK(
      List.of("socket_send", "socket_recv", "tcp_send_start", "socket_close", "socket_tell"),
      "socket_tell",
      "connections",
      "costs other processes nothing on system calls that are not on sockets",
      "sock_send_length",
      "sock_recv_length"),
  /** The exit of every system call. */
  SYS_EXIT(
      List.of("call_end", "tracked_close", "call_tell"),
      "call_tell",
      "tracked_sockets",
      "costs every system call of every process roughly 40 to 150 ns",
      "sys_exit");

  private final List<String> programs;
  private final String tells;
  private final String state;
  private final String cost;
  private final List<String> tracepoints;

  FrontEnd(List<String> programs, String tells, String state, String cost, String... tracepoints) {
    this.programs = programs;
    this.tells = tells;
    this.state = state;
    this.cost = cost;
    this.tracepoints = List.of(tracepoints);
  }

  /**
   * The front end for this kernel.
   *
   * @throws BpfException the kernel has not the one that is asked for, or none
   */
  static FrontEnd choose(EbpfPlugin.Hook hook) throws BpfException {
    return choose(hook, Kernel::hasTracepoint);
  }

  static FrontEnd choose(EbpfPlugin.Hook hook, Predicate<String> kernelHas) throws BpfException {
    boolean sock = SOCK.tracepoints.stream().allMatch(kernelHas);
    boolean sysExit = SYS_EXIT.tracepoints.stream().allMatch(kernelHas);
    if (sock && hook != EbpfPlugin.Hook.SYS_EXIT) return SOCK;
    if (sysExit && hook != EbpfPlugin.Hook.SOCK) return SYS_EXIT;
    throw new BpfException(
        switch (hook) {
          case SOCK -> "this kernel has no tracepoint sock_send_length: hook sock needs Linux 6.3 or later";
          case SYS_EXIT -> "this kernel has no tracepoint sys_exit: CONFIG_FTRACE_SYSCALLS is needed";
          case AUTO -> "this kernel has neither the tracepoint sock_send_length (Linux 6.3 or later) nor sys_exit"
              + " (CONFIG_FTRACE_SYSCALLS)";
        });
  }

  /** Programs of this front end alone. */
  List<String> programs() {
    return programs;
  }

  /** The one that others call for long calls. */
  String tells() {
    return tells;
  }

  /** The tracepoint whose arguments a program takes that is called by these. */
  String target() {
    return tracepoints.get(0);
  }

  /** The map that holds its state of connections. */
  String state() {
    return state;
  }

  /** As in the configuration. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it costs processes that are not observed: goes on after its name. */
  String cost() {
    return cost;
  }
}
