package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleTest {
  @Test
  void itsTextNamesAllConditions() {
    assertThat(new Rule(new Rule.Port(8080), new Rule.Exe("*/java"))).hasToString("exe */java and port 8080");
    assertThat(new Rule(new Rule.Command("java *"), new Rule.Container("web"), new Rule.Cgroup("*/a"), new Rule.Pid(7)))
        .hasToString("pid 7 and cgroup */a and container web and command java *");
  }

  @Test
  void conditionsAreChecked() {
    assertThatThrownBy(() -> new Rule.Port(0)).hasMessage("port 0 is not 1 to 65535");
    assertThatThrownBy(() -> new Rule.Pid(-1)).hasMessage("pid -1 is not 1 or more");
    assertThatThrownBy(() -> new Rule.Exe(" ")).hasMessage("exe is empty");
    assertThatThrownBy(() -> new Rule.Command("")).hasMessage("command is empty");
    assertThatThrownBy(() -> new Rule.Cgroup("")).hasMessage("cgroup is empty");
    assertThatThrownBy(() -> new Rule.Container("")).hasMessage("container is empty");
    assertThatThrownBy(() -> new Rule(List.of())).hasMessage("a rule needs a condition");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0123456789ab, true", "0123456789a, false", "0123456789abg, false", "web, false", "0123456789AB, false"})
  void anIdHasTwelveDigitsOrMore(String container, boolean id) {
    assertThat(new Rule.Container(container).isId()).isEqualTo(id);
  }
}
