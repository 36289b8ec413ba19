package io.mop.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InvokerTest {
  private static Map<String, String> adapted(Invoker invoker) {
    Map<String, String> env = new HashMap<>(Map.of("HOME", "/root", "USER", "root", "SUDO_UID", "65534", "LANG", "C"));
    invoker.adapt(env);
    return env;
  }

  @Test
  void rootIsRootIfNobodyElseAsked() throws Exception {
    for (Map<String, String> env : List.of(Map.<String, String>of(), Map.of("SUDO_UID", "0", "SUDO_GID", "0"))) {
      Invoker invoker = Invoker.of(env, true);
      assertThat(invoker.prefix()).isEmpty();
      assertThat(adapted(invoker)).containsEntry("HOME", "/root").containsEntry("SUDO_UID", "65534");
    }
  }

  @Test
  void throughSudoItIsTheCallerWithTheirGroupsAndHome() throws Exception {
    Invoker invoker = Invoker.of(Map.of("SUDO_UID", "1", "SUDO_GID", "1"), true);
    assertThat(invoker.prefix().get(0)).endsWith("/setpriv");
    assertThat(invoker.prefix()).containsSubsequence("--reuid", "1", "--regid", "1", "--init-groups");
    assertThat(adapted(invoker)).containsEntry("USER", "daemon").containsEntry("LOGNAME", "daemon")
        .containsEntry("LANG", "C").doesNotContainKey("SUDO_UID").extractingByKey("HOME").isNotEqualTo("/root");
  }

  @Test
  void aUserWithoutAnEntryHasNoOtherGroups() throws Exception {
    Invoker invoker = Invoker.of(Map.of("SUDO_UID", "3999999999", "SUDO_GID", "7"), true);
    assertThat(invoker.prefix()).containsSubsequence("--reuid", "3999999999", "--regid", "7", "--clear-groups");
    assertThat(adapted(invoker)).containsEntry("HOME", "/").containsEntry("USER", "3999999999");
  }

  @Test
  void withoutRootItIsThisUserWithoutThePrivilegesOfMop() throws Exception {
    Invoker invoker = Invoker.of(Map.of("SUDO_UID", "1", "SUDO_GID", "1"), false);
    assertThat(invoker.prefix()).contains("--ambient-caps", "-all").doesNotContain("--reuid");
    assertThat(adapted(invoker)).containsEntry("HOME", "/root");
  }

  @ParameterizedTest(name = "SUDO_UID={0} SUDO_GID={1}")
  @CsvSource({"x,1", "1,''", "-1,1", "1 --reuid 0,1"})
  void whoCannotBeToldIsNotRoot(String uid, String gid) {
    CommandException e =
        catchThrowableOfType(
            CommandException.class, () -> Invoker.of(Map.of("SUDO_UID", uid, "SUDO_GID", gid), true));
    assertThat(e.exitCode()).isEqualTo(ExitCode.DENIED);
  }
}
