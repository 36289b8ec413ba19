package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.Checks;
import io.mop.control.Checks.Check;
import io.mop.control.Checks.Result;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class DoctorTest {
  @TempDir Path temp;
  private Path dir;

  /** Mode 0755, as directories are made by default. */
  @BeforeEach
  void directory() throws Exception {
    dir = Files.createDirectory(temp.resolve("s"));
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
  }

  /** Keys of a receiver. */
  public record Config(Optional<Server> server) {}

  /** Keys below it. */
  public record Server(String endpoint) {}

  private record Listens(Class<?> type) implements Plugin<Config> {
    @Override
    public Class<Config> config() {
      return Config.class;
    }

    @Override
    public Part create(Config config, Context context) {
      throw new UnsupportedOperationException();
    }
  }

  private static final PluginCatalog CATALOG =
      new PluginCatalog() {
        @Override
        public Optional<PluginType> find(Kind kind, String name) {
          return Stream.of("door", "ebpf", "out").filter(name::equals).findFirst()
              .map(n -> new PluginType(kind, n, "1", "test", 1, new Listens(Receiver.class)));
        }

        @Override
        public List<PluginType> all() {
          return List.of();
        }

        @Override
        public List<Installed> installed() {
          return List.of();
        }

        @Override
        public void quarantine(PluginType type, String reason) {}

        @Override
        public void release(PluginType type) {}

        @Override
        public Listening onChange(Runnable changed) {
          return () -> {};
        }
      };

  private static final Checks CAPTURE =
      () -> List.of(Check.fail("kernel", "too old").neededBy("ebpf"), Check.ok("other", "fine"));

  private Path config(String receiver, String keys) throws Exception {
    return Files.writeString(
        temp.resolve("mop.yaml"),
        "receivers:\n  " + receiver + ": " + keys + "\nexporters:\n  out: {}\nservice:\n  pipelines:\n"
            + "    traces: { receivers: ["
            + receiver + "], exporters: [out] }\n");
  }

  private List<Check> run(Optional<Path> config, Checks... others) {
    return new Doctor(dir, config, Optional.empty(), CATALOG, Optional.empty(), List.of(others)).run();
  }

  private static Check named(List<Check> checks, String name) {
    return checks.stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(checks.toString()));
  }

  @Test
  void aPortInUseFailsAndAFreeOneDoesNot() throws Exception {
    Path config;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String endpoint = "127.0.0.1:" + taken.getLocalPort();
      config = config("door", "{ server: { endpoint: \"" + endpoint + "\" } }");
      Check port = named(run(Optional.of(config)), "port of receivers.door");
      assertThat(port.result()).isEqualTo(Result.FAIL);
      assertThat(port.meaning()).startsWith(endpoint + ": ").contains("ss -ltnp");
      try (ControlSocket running = ControlSocket.open(dir, Duration.ofSeconds(10), (line, out) -> 0)) {
        assertThat(running.path()).exists();
        assertThat(named(run(Optional.of(config)), "port of receivers.door").result()).isEqualTo(Result.WARN);
      }
    }
    assertThat(named(run(Optional.of(config)), "port of receivers.door").result()).isEqualTo(Result.OK);
  }

  @Test
  void whatOnlyCaptureNeedsFailsOnlyWithCapture() throws Exception {
    List<Check> without = run(Optional.of(config("door", "{}")), CAPTURE);
    assertThat(named(without, "kernel").result()).isEqualTo(Result.WARN);
    assertThat(named(without, "kernel").meaning())
        .isEqualTo("too old (needed by the receiver ebpf, which is not configured)");
    assertThat(Doctor.verdict(without)).isEmpty();
    List<Check> with = run(Optional.of(config("ebpf", "{}")), CAPTURE);
    assertThat(named(with, "kernel")).isEqualTo(Check.fail("kernel", "too old").neededBy("ebpf"));
    assertThat(Doctor.verdict(with)).contains("1 check failed.");
    assertThat(Doctor.failed(with)).isOne();
  }

  @Test
  void ofARunningMopItsReceiversCount() {
    Doctor running =
        new Doctor(dir, Optional.empty(), Optional.of(Set.of("ebpf")), CATALOG, Optional.empty(), List.of(CAPTURE));
    assertThat(named(running.run(), "kernel").result()).isEqualTo(Result.FAIL);
    assertThat(running.run()).noneMatch(c -> c.name().equals("configuration"));
  }

  @Test
  void anInvalidConfigurationFailsWithItsProblemsAndTheRestIsLookedAt() throws Exception {
    List<Check> checks = run(Optional.of(config("door", "{ serve: {} }")), CAPTURE);
    assertThat(named(checks, "configuration").result()).isEqualTo(Result.FAIL);
    assertThat(named(checks, "configuration").meaning()).contains("mop.yaml:2").contains("serve");
    assertThat(named(checks, "other").result()).isEqualTo(Result.OK);
    assertThat(named(run(Optional.empty()), "configuration").result()).isEqualTo(Result.WARN);
  }

  @Test
  void checksThatThrowAreAFailureAndTheRestIsLookedAt() {
    Checks broken = () -> { throw new IllegalStateException("no"); };
    List<Check> checks = run(Optional.empty(), broken, CAPTURE);
    assertThat(checks).anyMatch(c -> c.result() == Result.FAIL && c.meaning().contains("could not be run"));
    assertThat(named(checks, "other").result()).isEqualTo(Result.OK);
  }

  @Test
  void theStateDirectory() throws Exception {
    assertThat(HostChecks.stateDirectory(dir).meaning()).isEqualTo(dir + " is writable, mode rwx------");
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(HostChecks.stateDirectory(dir).result()).isEqualTo(Result.WARN);
    try (Stream<Path> left = Files.list(dir)) {
      assertThat(left).as("nothing is left of the trial").isEmpty();
    }
    Path file = Files.writeString(temp.resolve("file"), "");
    assertThat(HostChecks.stateDirectory(file).result()).isEqualTo(Result.FAIL);
    assertThat(HostChecks.stateDirectory(file.resolve("below")).result()).isEqualTo(Result.FAIL);
    assertThat(HostChecks.stateDirectory(dir.resolve("a/b")).meaning()).contains("it will be made");
    assertThat(dir.resolve("a")).doesNotExist();
  }

  @Test
  void theControlSocket() throws Exception {
    assertThat(HostChecks.controlSocket(dir).meaning()).isEqualTo(dir.resolve("mop.sock") + " is free");
    try (ControlSocket running = ControlSocket.open(dir, Duration.ofSeconds(10), (line, out) -> 0)) {
      assertThat(HostChecks.controlSocket(dir).meaning()).isEqualTo("a MOP is running at " + running.path());
    }
    Files.writeString(dir.resolve("mop.sock"), "no socket");
    assertThat(HostChecks.controlSocket(temp.resolve("d".repeat(100))).result()).isEqualTo(Result.FAIL);
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "2027-01-01T00:00:00Z, tsc, OK", "2027-01-01T00:00:00Z, hpet, WARN", "1970-01-01T00:00:05Z, tsc, FAIL",
    "2027-01-01T00:00:00Z, '', OK",
  })
  void theClock(Instant now, String source, Result result) throws Exception {
    if (!source.isEmpty()) Files.writeString(dir.resolve("current_clocksource"), source + "\n");
    assertThat(HostChecks.clock(now, dir).result()).isEqualTo(result);
  }

  @Test
  void isATableOrJson() {
    List<Check> checks = List.of(Check.ok("a", "b\nc"), Check.warn("long name", "d"));
    assertThat(Doctor.print(checks, "table"))
        .isEqualTo("CHECK      RESULT  MEANING\na          ok      b c\nlong name  warn    d\n");
    assertThat(Doctor.print(checks, "json"))
        .isEqualTo(
            "{\"checks\":[{\"check\":\"a\",\"result\":\"ok\",\"meaning\":\"b\\u000ac\"},"
                + "{\"check\":\"long name\",\"result\":\"warn\",\"meaning\":\"d\"}],\"failed\":0}\n");
    assertThatThrownBy(() -> Doctor.print(checks, "xml")).isInstanceOf(IllegalArgumentException.class);
  }
}
