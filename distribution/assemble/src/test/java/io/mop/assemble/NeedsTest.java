package io.mop.assemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeedsTest {
  @TempDir Path dir;
  private BuiltHome home;

  @BeforeEach
  void build() {
    home = new BuiltHome(dir);
  }

  private Path jar(String name, String capabilities) {
    return home.jar(name, Map.of("Provide-Capability", capabilities));
  }

  @Test
  void areTheUnionOverBundles() throws Exception {
    Needs needs =
        Needs.of(
            List.of(
                jar("a.jar", "mop.linux.cap;name=PERFMON,mop.linux.cap;name=BPF,mop.host.mount;path=/sys/fs/cgroup"),
                jar(
                    "b.jar",
                    "mop.linux.cap;name=BPF,mop.host.mount;path=/sys/fs/cgroup;access=rw,mop.host.namespace;name=pid,"
                        + "mop.k8s.rule;apiGroups=\"\";resources:List<String>=\"pods,nodes\";verbs:List<String>=\"get,list\","
                        + "osgi.service;objectClass=x"),
                jar(
                    "c.jar",
                    "mop.endpoint;name=otlp-http;port:Long=4318;protocol=http;direction=in,"
                        + "mop.endpoint;name=health;port:Long=13133;protocol=http;direction=in,"
                        + "mop.endpoint;name=otlp-grpc;port:Long=4317;protocol=grpc;direction=in,"
                        + "mop.endpoint;name=peer;port:Long=9999;protocol=udp;direction=out,"
                        + "mop.endpoint;port:Long=1234;protocol=tcp;direction=out,mop.service.notify;protocol=systemd"),
                home.jar("d.jar", Map.of())));
    assertThat(needs.capabilities()).containsExactly("BPF", "PERFMON");
    assertThat(needs.namespaces()).containsExactly("pid");
    assertThat(needs.mounts()).containsExactly(Map.entry("/sys/fs/cgroup", true));
    assertThat(needs.rules())
        .containsExactly(new Needs.Rule(List.of(""), List.of("pods", "nodes"), List.of("get", "list")));
    assertThat(needs.services()).extracting(Needs.Endpoint::name).containsExactly("otlp-grpc", "otlp-http");
    assertThat(needs.endpoints()).extracting(Needs.Endpoint::name).contains("tcp-1234", "peer");
    assertThat(needs.notifications()).containsExactly("systemd");
    assertThat(needs.health()).contains(new Needs.Endpoint("health", 13133, "http", "in"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "no name | mop.linux.cap | mop.linux.cap: name is missing, expected",
        "a prefix | mop.linux.cap;name=cap_bpf | mop.linux.cap: name is cap_bpf, expected",
        "a port of 0 | mop.endpoint;name=a;port:Long=0;protocol=tcp;direction=in | port 0, expected 1 to 65535",
        "a long name | mop.endpoint;name=abcdefghijklmnop;port:Long=1;protocol=tcp;direction=in | name is abcdefghijklmnop",
        "a direction | mop.endpoint;name=a;port:Long=1;protocol=tcp;direction=up | direction is up, expected in|out",
        "a relative path | mop.host.mount;path=sys | path is sys, expected",
        "a right to write | mop.k8s.rule;apiGroups=apps;resources=pods;verbs=delete | verbs is delete, expected get|list|watch",
        "another service manager | mop.service.notify;protocol=upstart | protocol is upstart, expected systemd",
        "what nobody reads | mop.linux.caps;name=BPF | unknown namespace mop.linux.caps",
      })
  void saysWhatIsWrong(String name, String capabilities, String expected) {
    Path jar = jar("a.jar", capabilities);
    AssembleException problem = catchThrowableOfType(AssembleException.class, () -> Needs.of(List.of(jar)));
    assertThat(problem).hasMessageStartingWith("a.jar: Provide-Capability: ").hasMessageContaining(expected);
  }
}
