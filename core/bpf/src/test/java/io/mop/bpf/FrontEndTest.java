package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On kernels that have both, one, or none of the front ends. */
class FrontEndTest {
  private static Set<String> tracepoints(String kernel) {
    return Set.of(kernel.split(" "));
  }

  @ParameterizedTest(name = "{1} on {0}")
  @CsvSource({
    "sock_send_length sock_recv_length sys_exit, AUTO, SOCK",
    "sock_send_length sock_recv_length sys_exit, SOCK, SOCK",
    "sock_send_length sock_recv_length sys_exit, SYS_EXIT, SYS_EXIT",
    "sock_send_length sock_recv_length, AUTO, SOCK",
    "sock_send_length sys_exit, AUTO, SYS_EXIT",
    "sys_exit, AUTO, SYS_EXIT",
    "sys_exit, SYS_EXIT, SYS_EXIT",
  })
  void theFirstThatIsThere(String kernel, EbpfPlugin.Hook hook, FrontEnd chosen) throws Exception {
    assertThat(FrontEnd.choose(hook, tracepoints(kernel)::contains)).isEqualTo(chosen);
  }

  @ParameterizedTest(name = "{1} on {0}")
  @CsvSource({
    "sys_exit, SOCK, this kernel has no tracepoint sock_send_length: hook sock needs Linux 6.3 or later",
    "sock_send_length sock_recv_length, SYS_EXIT, "
        + "this kernel has no tracepoint sys_exit: CONFIG_FTRACE_SYSCALLS is needed",
    "another, AUTO, this kernel has neither the tracepoint sock_send_length (Linux 6.3 or later) nor sys_exit "
        + "(CONFIG_FTRACE_SYSCALLS)",
  })
  void whatIsMissingIsOneSentence(String kernel, EbpfPlugin.Hook hook, String sentence) {
    assertThatThrownBy(() -> FrontEnd.choose(hook, tracepoints(kernel)::contains))
        .isInstanceOf(BpfException.class)
        .hasMessage(sentence);
  }
}
