package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookTest {
  private static final String ID = "0123456789abcdef".repeat(4);

  @TempDir Path proc;
  private FakeProc fake;
  private Look look;

  @BeforeEach
  void fake() {
    fake = new FakeProc(proc);
  }

  private Set<Integer> select(Rule... rules) {
    look = new Look(new ProcFs(proc), List.of(rules), new ContainerNames(proc));
    Set<Integer> selected = new TreeSet<>();
    for (int pid : look.candidates()) look.select(pid).ifPresent(rule -> selected.add(pid));
    return selected;
  }

  private Set<Integer> selectBy(Rule.Condition... conditions) {
    return select(Stream.of(conditions).map(Rule::new).toArray(Rule[]::new));
  }

  @Test
  void allConditionsOfARuleHoldOrTheNextRuleIsAsked() throws IOException {
    fake.process(10, 1, "/bin/java", List.of(), 500);
    fake.process(11, 1, "/bin/java", List.of(), 501);
    fake.process(12, 1, "/bin/node", List.of(), 500);
    Rule both = new Rule(new Rule.Port(8080), new Rule.Exe("*/java"));
    assertThat(select(both)).containsExactly(10);
    assertThat(look.select(10)).contains(both);
    assertThat(select(both, new Rule(new Rule.Exe("*/node")))).containsExactly(10, 12);
    assertThat(select(new Rule(new Rule.Pid(11), new Rule.Exe("*/java")))).containsExactly(11);
    assertThat(select(new Rule(new Rule.Pid(12), new Rule.Exe("*/java")))).isEmpty();
    assertThat(look.problem()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "java -jar /opt/shop.jar --port 1; true",
        "*-jar */shop.jar *; true",
        "java *; true",
        "*shop.jar; false",
        "java; false",
        "java -jar?/opt/shop.jar*; true",
      })
  void aCommandIsItsArgumentsInOneLine(String glob, boolean selected) throws IOException {
    fake.process(10, 1, "/bin/java", List.of());
    fake.write(10, "cmdline", "java\0-jar\0/opt/shop.jar\0--port\0001\0");
    assertThat(selectBy(new Rule.Command(glob)).contains(10)).isEqualTo(selected);
  }

  @Test
  void ofAHugeCommandTheBeginningCounts() throws IOException {
    fake.process(10, 1, "/bin/java", List.of());
    fake.write(10, "cmdline", "java\0" + "x".repeat(1 << 20) + "\0last\0");
    assertThat(new ProcFs(proc).command(10)).hasSize(64 << 10);
    assertThat(selectBy(new Rule.Command("java x*"))).containsExactly(10);
    assertThat(selectBy(new Rule.Command("*last"))).isEmpty();
  }

  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource({
    "/system.slice/nginx.service, /system.slice/nginx.service, true",
    "/system.slice/nginx.service, /system.slice/nginx.service/workers/a, true",
    "/system.slice/nginx.service, /system.slice/nginx.service2, false",
    "/system.slice/nginx.service, /system.slice, false",
    "/system.slice, /system.slice/nginx.service, true",
    "*/nginx.service, /system.slice/nginx.service, true",
    "*/nginx.service, /system.slice/nginx.service/a, true",
    "*/nginx-?.service, /system.slice/nginx-1.service, true",
    "*, /, false",
    "/, /system.slice, false",
    "/*, /../shop.service, false",
    "*/shop.service, /../shop.service, true",
  })
  void groupsAndThoseBelow(String glob, String path, boolean selected) throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    fake.write(10, "cgroup", "4:memory:/other\n0::" + path + "\n");
    assertThat(selectBy(new Rule.Cgroup(glob)).contains(10)).isEqualTo(selected);
  }

  @Test
  void withoutCgroupV2TheOtherRulesGoOn() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    fake.write(10, "cgroup", "4:memory:/shop\n1:name=systemd:/shop\n");
    assertThat(selectBy(new Rule.Cgroup("/shop"), new Rule.Exe("/bin/a"))).containsExactly(10);
    assertThat(look.problem()).contains("rules of cgroup need cgroup v2, which is not there");
    assertThat(selectBy(new Rule.Container("shop"), new Rule.Exe("/bin/b"))).isEmpty();
    assertThat(look.problem()).isEmpty();
    Files.delete(fake.file(10, "cgroup"));
    assertThat(selectBy(new Rule.Container("shop"), new Rule.Exe("/bin/a"))).containsExactly(10);
    assertThat(look.problem()).contains("rules of container need control groups, which this kernel does not have");
  }

  @Test
  void inACgroupNamespaceOfItsOwnWholePathsCannotBeTold() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    fake.write(10, "cgroup", "0::/../../system.slice/shop.service\n");
    assertThat(selectBy(new Rule.Cgroup("/system.slice/shop.service"))).isEmpty();
    assertThat(look.problem())
        .contains("in a cgroup namespace of its own MOP does not see whole paths: cgroup has to begin with */");
    assertThat(selectBy(new Rule.Cgroup("*/system.slice/shop.service"))).containsExactly(10);
    assertThat(look.problem()).isEmpty();
  }

  @Test
  void containersByIdAndByName() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    fake.write(10, "cgroup", "0::/system.slice/docker-" + ID + ".scope\n");
    fake.process(11, 1, "/bin/a", List.of());
    fake.write(11, "cgroup", "0::/system.slice/shop.service\n");
    assertThat(selectBy(new Rule.Container(ID))).containsExactly(10);
    assertThat(selectBy(new Rule.Container("0123456789ab"))).containsExactly(10);
    assertThat(selectBy(new Rule.Container("123456789abc"))).isEmpty();
    assertThat(selectBy(new Rule.Container("*"))).as("nobody knows its name").isEmpty();
    Path file = proc.resolve("1/root/var/lib/docker/containers/" + ID + "/config.v2.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"Name\":\"/web-1\"}");
    assertThat(selectBy(new Rule.Container("web-*"))).containsExactly(10);
    assertThat(selectBy(new Rule.Container("web"))).isEmpty();
  }

  @Test
  void portsAreThoseOfEveryNetwork() throws IOException {
    fake.process(10, 1, "/bin/a", List.of(), 700);
    fake.process(11, 1, "/bin/b", List.of());
    fake.network(11, 2, 7000, 700);
    fake.process(12, 1, "/bin/c", List.of(), 701);
    assertThat(selectBy(new Rule.Port(7000))).as("handed to a process in another network").containsExactly(10);
  }

  @Test
  void aNetworkIsReadOfWhoeverIsStillThere() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    Files.delete(fake.file(10, "net/tcp"));
    fake.process(11, 1, "/bin/a", List.of());
    Files.delete(fake.file(11, "net/tcp"));
    fake.process(12, 1, "/bin/b", List.of(), 500);
    fake.process(13, 1, "/bin/b", List.of());
    assertThat(selectBy(new Rule.Port(8080))).containsExactly(12);
  }

  @Test
  void aThreadIsNoProcess() throws IOException {
    fake.process(10, 1, "/bin/a", List.of());
    fake.write(10, "status", "Name:\ta\nTgid:\t9\n");
    assertThat(selectBy(new Rule.Pid(10))).isEmpty();
  }
}
