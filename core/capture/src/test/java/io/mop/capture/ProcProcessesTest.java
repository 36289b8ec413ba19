package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        .containsEntry("process.pid", "42")
        .containsEntry("process.executable.name", "shop")
        .containsEntry("host.name", "node-1")
        .hasSize(4);
    assertThat(r.startTime()).isEqualTo(7);
    assertThat(processes.resource(42)).isSameAs(r);
  }

  @Test
  void aProcessThatIsGoneHasAName() {
    assertThat(processes.resource(4242).attributes())
        .containsEntry("service.name", "unknown_service")
        .containsEntry("process.pid", "4242");
    assertThat(processes.resource(0).attributes()).doesNotContainKey("process.pid");
  }

  @Test
  void threadsLeadToTheirProcess() throws IOException {
    process(42, 7, "");
    assertThat(processes.tgid(42)).isEqualTo(42);
    assertThat(processes.tgid(43)).isZero();
  }
}
