package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcProcessesTest {
  @TempDir Path proc;
  private ProcProcesses processes;

  @BeforeEach
  void host() throws IOException {
    Files.createDirectories(proc.resolve("sys/kernel"));
    Files.writeString(proc.resolve("sys/kernel/hostname"), "node-1\n");
    Files.createDirectories(proc.resolve("sys/kernel/random"));
    Files.writeString(proc.resolve("sys/kernel/random/boot_id"), "0e8ef6b8\n");
    Files.createDirectories(proc.resolve("1/root/etc"));
    Files.writeString(proc.resolve("1/root/etc/machine-id"), "3d1219c7\n");
    processes = new ProcProcesses(proc);
  }

  private void process(int pid, long start, String environ) throws IOException {
    Path p = Files.createDirectories(proc.resolve("" + pid));
    Files.writeString(p.resolve("stat"), pid + " (x) S" + " 0".repeat(18) + " " + start + "\n");
    Files.writeString(p.resolve("status"), "Name:\tx\nUmask:\t0022\nTgid:\t" + pid + "\nNgid:\t0\n");
    Files.writeString(p.resolve("environ"), environ.replace('|', '\0'));
    Files.deleteIfExists(p.resolve("exe"));
    Files.createSymbolicLink(p.resolve("exe"), Path.of("/usr/bin/shop"));
  }

  @ParameterizedTest(name = "{2} of {0} called as {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "redis-server; /usr/bin/redis-server 127.0.0.1:6379; redis-server",
        "a-program-of-se; ./a-program-of-several-names; a-program-of-several-names",
        "main; /usr/bin/other; shop",
        "worker; shop: worker process; shop",
      })
  void aProgramOfSeveralNamesIsNamedAsItWasCalled(String kernel, String first, String name) throws IOException {
    process(42, 7, "");
    Files.writeString(proc.resolve("42/comm"), kernel + "\n");
    Files.writeString(proc.resolve("42/cmdline"), first + "\0--x\0");
    assertThat(processes.resource(42).attributes()).containsEntry("service.name", name);
  }

  @Test
  void aProcessThatIsGoneIsNamedAsTheKernelHadIt() {
    assertThat(processes.resource(43, "redis-cli").attributes()).containsEntry("service.name", "redis-cli");
    assertThat(processes.resource(44, "").attributes()).containsEntry("service.name", "unknown_service");
  }

  @ParameterizedTest(name = "{1} from {0}")
  @CsvSource(
      delimiter = ';',
      value = {
        "PATH=/bin|HOME=/; shop",
        "A=1|OTEL_SERVICE_NAME=cart|B=2|; cart",
        "OTEL_SERVICE_NAME=|OTEL_RESOURCE_ATTRIBUTES=service.name=pay; pay",
        "OTEL_RESOURCE_ATTRIBUTES=a=b, service.name = pay%20now ,c=d; pay now",
        "OTEL_RESOURCE_ATTRIBUTES=service.name=a+b; a+b",
        "OTEL_RESOURCE_ATTRIBUTES=service.name=50%; 50%",
        "OTEL_RESOURCE_ATTRIBUTES=service.namespace=x; shop",
        "XOTEL_SERVICE_NAME=cart; shop",
      })
  void serviceName(String environ, String name) throws IOException {
    process(42, 7, environ);
    Resource r = processes.resource(42);
    assertThat(r.attributes())
        .containsEntry("service.name", name)
        .containsEntry("process.pid", 42L)
        .containsEntry("process.executable.name", "shop")
        .containsEntry("process.executable.path", "/usr/bin/shop")
        .containsEntry("host.name", "node-1");
    assertThat(r.startTime()).isEqualTo(7);
    assertThat(processes.resource(42)).isSameAs(r);
  }

  @Test
  void attributesAreThoseOfTheConventionsAndNoOthers() throws IOException {
    process(42, 7, "SECRET=x|OTEL_EXPORTER_OTLP_HEADERS=key=secret|");
    Files.writeString(proc.resolve("42/cmdline"), "shop\0--password=secret\0");
    Map<String, Object> a = processes.resource(42).attributes();
    assertThat(a)
        .containsOnly(
            Map.entry("service.name", "shop"),
            Map.entry("service.instance.id", "c8057b08-7dbd-5b07-8bbb-f9561fde4a5b"),
            Map.entry("process.pid", 42L),
            Map.entry("process.executable.name", "shop"),
            Map.entry("process.executable.path", "/usr/bin/shop"),
            Map.entry("host.name", "node-1"),
            Map.entry("host.id", "3d1219c7"),
            Map.entry("os.type", "linux"),
            Map.entry("telemetry.distro.name", "mop"));
  }

  @Test
  void resourceAttributesOfTheEnvironmentCountMoreThanWhatIsFound() throws IOException {
    String attributes = "service.namespace=shop,service.version=1%2C2,service.instance.id=a,=x,y=";
    process(42, 7, "OTEL_RESOURCE_ATTRIBUTES=" + attributes + "|OTEL_SERVICE_NAME=cart|");
    assertThat(processes.resource(42).attributes())
        .containsEntry("service.name", "cart")
        .containsEntry("service.namespace", "shop")
        .containsEntry("service.version", "1,2")
        .containsEntry("service.instance.id", "a")
        .doesNotContainKeys("", "y");
  }

  @Test
  void whatIsTooLongOrTooMuchIsLeftOut() throws IOException {
    String many = "a=b," + IntStream.range(0, 100).mapToObj(i -> "k" + i + "=v").collect(Collectors.joining(","));
    String tooLong = "x".repeat(1025);
    process(42, 7, "OTEL_SERVICE_NAME=" + tooLong + "|OTEL_RESOURCE_ATTRIBUTES=long=" + tooLong + "," + many + "|");
    assertThat(processes.resource(42).attributes())
        .containsEntry("service.name", "shop")
        .containsKeys("a", "k62")
        .doesNotContainKeys("long", "k63");
  }

  @Test
  void anInstanceIsAProcess() throws IOException {
    process(42, 7, "");
    process(43, 7, "");
    Object id = instance(processes, 42);
    assertThat(id).isEqualTo(instance(new ProcProcesses(proc), 42)).isNotEqualTo(instance(processes, 43));
    process(42, 8, "");
    assertThat(instance(new ProcProcesses(proc), 42)).as("another process of that pid").isNotEqualTo(id);
    process(42, 7, "");
    Files.writeString(proc.resolve("sys/kernel/random/boot_id"), "another\n");
    assertThat(instance(new ProcProcesses(proc), 42)).as("after another boot").isNotEqualTo(id);
  }

  private static Object instance(ProcProcesses processes, int pid) {
    return processes.resource(pid).attributes().get("service.instance.id");
  }

  @Test
  void aServiceIsNamedByItsOrchestratorThenItsContainerThenItsUnit() throws IOException {
    String container = "0123456789abcdef".repeat(4);
    process(42, 7, "");
    Files.writeString(proc.resolve("42/cgroup"), "0::/system.slice/shop-api.service\n");
    assertThat(processes.resource(42).attributes()).containsEntry("service.name", "shop-api");
    process(43, 7, "");
    Files.writeString(proc.resolve("43/cgroup"), "0::/system.slice/docker-" + container + ".scope\n");
    Path docker = Files.createDirectories(proc.resolve("1/root/var/lib/docker/containers/" + container));
    Files.writeString(docker.resolve("config.v2.json"), "{\"Config\":{},\"Name\":\"/shop-web-1\"}");
    assertThat(processes.resource(43).attributes())
        .containsEntry("container.id", container)
        .containsEntry("container.name", "shop-web-1")
        .containsEntry("service.name", "shop-web-1");
    Map<String, String> pod = Map.of("service.name", "web", "k8s.pod.name", "web-7f");
    ProcProcesses orchestrated = new ProcProcesses(proc, id -> id.equals(container) ? pod : Map.of());
    assertThat(orchestrated.resource(43).attributes()).containsAllEntriesOf(pod);
    assertThat(orchestrated.resource(42).attributes()).containsEntry("service.name", "shop-api");
  }

  @Test
  void aJavaTellsItsVersion() throws IOException {
    process(42, 7, "");
    Files.delete(proc.resolve("42/exe"));
    Files.createSymbolicLink(proc.resolve("42/exe"), Path.of("/opt/jdk/bin/java"));
    Path home = Files.createDirectories(proc.resolve("42/root/opt/jdk"));
    Files.writeString(home.resolve("release"), "OS_NAME=\"Linux\"\nJAVA_RUNTIME_VERSION=\"17.0.15+6\"\n");
    assertThat(processes.resource(42).attributes())
        .containsEntry("process.runtime.name", "OpenJDK Runtime Environment")
        .containsEntry("process.runtime.version", "17.0.15+6");
  }

  @Test
  void aProcessThatIsGoneHasAName() {
    assertThat(processes.resource(4242).attributes())
        .containsEntry("service.name", "unknown_service")
        .containsEntry("process.pid", 4242L);
    assertThat(processes.resource(0).attributes()).doesNotContainKey("process.pid");
  }

  @Test
  void threadsLeadToTheirProcess() throws IOException {
    process(42, 7, "");
    assertThat(processes.tgid(42)).isEqualTo(42);
    assertThat(processes.tgid(43)).isZero();
  }
}
