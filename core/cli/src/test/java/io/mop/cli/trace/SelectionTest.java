package io.mop.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SelectionTest {
  private static Selection of(List<Integer> pids, List<Integer> ports, List<String> exes) {
    return new Selection(pids, ports, exes, OptionalLong.empty());
  }

  @Test
  void rulesAreTheReceivers() {
    assertThat(new Selection(List.of(7), List.of(80, 443), List.of("*/nginx"), OptionalLong.of(9)).rules())
        .isEqualTo("[ { pid: 9 }, { pid: 7 }, { port: 80 }, { port: 443 }, { exe: \"*/nginx\" } ]");
  }

  @Test
  void aTextIsNothingElseInYaml() {
    assertThat(of(List.of(), List.of(), List.of("a\"b\\c } ${env:HOME}\n")).rules())
        .isEqualTo("[ { exe: \"a\\\"b\\\\c } $${env:HOME}\\n\" } ]");
  }

  @Test
  void endsWithItsProcessesWhenOthersCannotCome() {
    assertThat(of(List.of(7), List.of(), List.of()).endsWithPids()).isTrue();
    assertThat(of(List.of(7), List.of(80), List.of()).endsWithPids()).isFalse();
    assertThat(of(List.of(7), List.of(), List.of("x")).endsWithPids()).isFalse();
    assertThat(of(List.of(), List.of(), List.of()).endsWithPids()).isFalse();
  }

  @Test
  void saysWhatIsWatched() {
    assertThat(of(List.of(7), List.of(80), List.of("*/x"))).hasToString("pid 7, port 80, */x");
    assertThat(new Selection(List.of(), List.of(80), List.of(), OptionalLong.of(9)))
        .hasToString("the command, port 80");
  }
}
