package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why a rule does not select a process, condition by condition. */
class RuleFindingTest {
  private static final String ID = "0123456789abcdef".repeat(4);
  private static final Selector.Bits NOWHERE =
      new Selector.Bits() {
        @Override
        public void set(int tgid) {}

        @Override
        public void clear(int tgid) {}

        @Override
        public Set<Integer> all() {
          return Set.of();
        }
      };

  @TempDir Path proc;

  @BeforeEach
  void redis() throws IOException {
    FakeProc fake = new FakeProc(proc);
    fake.process(10, 1, "/opt/redis-server", List.of(), 500, 503);
    fake.write(10, "cmdline", "redis-server\0--requirepass\0hunter2\0");
    fake.write(10, "cgroup", "0::/system.slice/redis.service\n");
    fake.process(11, 1, "/bin/b", List.of());
    fake.write(11, "cgroup", "0::/system.slice/docker-" + ID + ".scope\n");
    fake.write(11, "cmdline", "b\0");
    Path names = Files.createDirectories(proc.resolve("1/root/var/lib/docker/containers/" + ID));
    Files.writeString(names.resolve("config.v2.json"), "{\"Name\":\"/shop-web-1\"}");
  }

  private List<RuleFinding.Condition> findings(int pid, Rule.Condition... conditions) {
    try (Selector selector = new Selector(proc, List.of(new Rule(conditions)), NOWHERE, 99)) {
      return selector.findings(pid).get(0).conditions();
    }
  }

  private static Rule.Condition condition(String kind, String value) {
    return switch (kind) {
      case "pid" -> new Rule.Pid(Integer.parseInt(value));
      case "port" -> new Rule.Port(Integer.parseInt(value));
      case "exe" -> new Rule.Exe(value);
      case "command" -> new Rule.Command(value);
      case "cgroup" -> new Rule.Cgroup(value);
      default -> new Rule.Container(value);
    };
  }

  @ParameterizedTest(name = "{0}: {1} {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "10 | exe | */nginx | false | the program is /opt/redis-server",
        "10 | exe | */redis-server | true | the program is /opt/redis-server",
        "10 | pid | 12 | false | the process is 10",
        "10 | command | *nginx* | false | its arguments do not match",
        "10 | command | *redis* | true | its arguments match",
        "10 | cgroup | /system.slice/nginx.service | false | the group is /system.slice/redis.service",
        "10 | container | web | false | it is in no container",
        "11 | container | web | false | the container is 0123456789ab, shop-web-1",
        "11 | container | shop-* | true | the container is 0123456789ab, shop-web-1",
        "10 | port | 80 | false | it listens on 8080, 9090",
        "10 | port | 8080 | true | it listens on 8080",
        "11 | port | 8080 | false | it listens on no TCP port",
        "12 | exe | * | false | it has ended",
      })
  void eachConditionSaysWhatThereIsInstead(int pid, String kind, String value, boolean holds, String found) {
    Rule.Condition condition = condition(kind, value);
    assertThat(findings(pid, condition)).containsExactly(new RuleFinding.Condition(condition, holds, found));
  }

  /** Where a look for processes to select would end at the first. */
  @Test
  void everyConditionOfARuleIsAsked() {
    assertThat(findings(10, new Rule.Port(80), new Rule.Exe("*/nginx"), new Rule.Command("*redis*")))
        .extracting(RuleFinding.Condition::holds)
        .containsExactly(false, true, false);
  }

  @Test
  void anInspectionSaysWhereTheProcessIsAndWhatItEncryptsWith() throws IOException {
    FakeProc fake = new FakeProc(proc);
    fake.write(10, "status", "Name:\tx\nTgid:\t10\nNSpid:\t10\t7\n");
    fake.write(10, "maps",
        "7f00-7f01 r-xp 00000000 00:00 1    /opt/redis-server\n7f02-7f03 r-xp 0 00:00 2 /usr/lib/libssl.so.3\n");
    Inspector.Inspected redis = new Inspector(proc).process(10).orElseThrow();
    assertThat(redis.program()).isEqualTo("/opt/redis-server");
    assertThat(redis.notes()).containsExactly("it is in a PID namespace of its own, where its number is 7");
    assertThat(redis.tls()).isEqualTo(
        "TLS: OpenSSL (/usr/lib/libssl.so.3) is mapped: what it encrypts is not readable without a TLS probe");
    assertThat(new Inspector(proc).process(12)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "/usr/lib/libssl.so.1.1 (deleted) | OpenSSL",
        "/opt/wheels/libssl-0a1b2c3d.so.1.1 | OpenSSL",
        "/usr/lib/libgnutls.so.30.37.1 | GnuTLS",
        "/usr/lib/firefox/libnss3.so | NSS",
        "/usr/lib/jvm/lib/server/libjvm.so | Java's own TLS",
        "/usr/bin/node | the OpenSSL inside Node.js",
      })
  void librariesAreKnownByTheirFiles(String file, String title) throws IOException {
    new FakeProc(proc).write(10, "maps", "7f00-7f01 r-xp 00000000 00:00 1    " + file + "\n");
    assertThat(TlsLibrary.sentence(proc, 10)).startsWith("TLS: " + title).contains(" is mapped: ");
  }

  @Test
  void withoutAFileOfALibraryItSaysSo() throws IOException {
    new FakeProc(proc).write(10, "maps", "7f00-7f01 r-xp 0 00:00 1 /usr/lib/libc.so.6\n7f02-7f03 rw-p 0 00:00 0\n");
    assertThat(TlsLibrary.sentence(proc, 10)).startsWith("TLS: no library is mapped");
    assertThat(TlsLibrary.sentence(proc, 12)).contains("may not be read");
  }

  @Test
  void whoListensIsFoundInAnyNetwork() throws IOException {
    FakeProc fake = new FakeProc(proc);
    fake.process(20, 1, "/bin/c", List.of(), 900);
    fake.network(20, 2, 6379, 900);
    assertThat(Stream.of(8080, 6379, 81).map(p -> new Inspector(proc).holders(p).pids()))
        .containsExactly(List.of(10), List.of(20), List.of());
  }
}
