package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Size;
import io.mop.bpf.EbpfPlugin.Rule;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EbpfPluginTest {
  private static final String CGROUP = "expected / or * first, no / last, and not the root";

  static Rule rule(Integer port, Integer pid, String exe) {
    return rule(port, pid, exe, null, null, null);
  }

  private static Rule rule(Integer port, Integer pid, String exe, String command, String cgroup, String container) {
    return new Rule(
        Optional.ofNullable(port),
        Optional.ofNullable(pid),
        Optional.ofNullable(exe),
        Optional.ofNullable(command),
        Optional.ofNullable(cgroup),
        Optional.ofNullable(container));
  }

  static Rule cgroup(String cgroup) {
    return rule(null, null, null, null, cgroup, null);
  }

  @Test
  void anyKeysMakeARule() {
    List<Rule> rules =
        List.of(
            rule(8080, null, null),
            rule(null, 2, null),
            rule(null, null, "*/nginx"),
            cgroup("/system.slice/nginx.service"),
            cgroup("*"),
            rule(8080, 2, "*/java", "*shop.jar*", "*/shop.service", "web"));
    assertThat(TestConfig.of(rules.toArray(Rule[]::new)).select()).isEqualTo(rules);
    assertThat(rules.stream().map(CaptureReader::rule))
        .map(Object::toString)
        .containsExactly(
            "port 8080",
            "pid 2",
            "exe */nginx",
            "cgroup /system.slice/nginx.service",
            "cgroup *",
            "pid 2 and exe */java and cgroup */shop.service and container web and command *shop.jar* and port 8080");
  }

  static Stream<Arguments> badRules() {
    return Stream.of(
        Arguments.of(
            "no key",
            rule(null, null, null),
            "select[1]",
            "expected one or more of port, pid, exe, command, cgroup and container"),
        Arguments.of("port 0", rule(0, null, null), "select[1].port", "expected 1 to 65535"),
        Arguments.of("port 65536", rule(65536, null, null), "select[1].port", "expected 1 to 65535"),
        Arguments.of("pid 1", rule(null, 1, null), "select[1].pid", "expected 2 to 4194303"),
        Arguments.of("pid -1", rule(null, -1, null), "select[1].pid", "expected 2 to 4194303"),
        Arguments.of("empty exe", rule(null, null, " "), "select[1].exe", limited("a path or pattern")),
        Arguments.of("empty one of two", rule(80, null, ""), "select[1].exe", limited("a path or pattern")),
        Arguments.of(
            "empty command",
            rule(null, null, null, "", null, null),
            "select[1].command",
            limited("a pattern")),
        Arguments.of(
            "huge command",
            rule(null, null, null, "*".repeat(4097), null, null),
            "select[1].command",
            limited("a pattern")),
        Arguments.of("empty cgroup", cgroup(""), "select[1].cgroup", limited("a path or pattern")),
        Arguments.of("root cgroup", cgroup("/"), "select[1].cgroup", CGROUP),
        Arguments.of("relative cgroup", cgroup("nginx.service"), "select[1].cgroup", CGROUP),
        Arguments.of("directory's cgroup", cgroup("/system.slice/"), "select[1].cgroup", CGROUP),
        Arguments.of("pattern of directories", cgroup("*/"), "select[1].cgroup", CGROUP),
        Arguments.of(
            "empty container",
            rule(null, null, null, null, null, ""),
            "select[1].container",
            limited("an id, a name or a pattern")));
  }

  private static String limited(String what) {
    return "expected " + what + " of up to 4096 characters";
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badRules")
  void badRuleIsNamed(String name, Rule bad, String key, String message) {
    assertThatThrownBy(() -> TestConfig.of(rule(80, null, null), bad))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo(key))
        .hasMessage(message);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"0", "32768", "65537", "3000000", "536870912"})
  void ringIsAPowerOfTwo(long bytes) {
    assertThatThrownBy(() -> TestConfig.ring(new Size(bytes)))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo("ring"))
        .hasMessage("expected a power of two from 64KiB to 256MiB, found " + bytes + " bytes");
  }

  @ParameterizedTest(name = "{0} ms")
  @CsvSource({"0", "-5", "1001"})
  void drainIntervalIsShort(long millis) {
    assertThatThrownBy(() -> TestConfig.interval(Duration.ofMillis(millis)))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo("drain_interval"));
  }

  @Test
  void lastLinesKeepTheVerifiersReason() {
    String log = "0: (b7) r0 = 0\n1: (85) call unknown#999\n\ninvalid func unknown#999\nprocessed 2 insns\n";
    assertThat(BpfObject.lastLines(log))
        .isEqualTo("1: (85) call unknown#999 | invalid func unknown#999 | processed 2 insns");
    assertThat(BpfObject.lastLines("")).isEmpty();
  }
}
