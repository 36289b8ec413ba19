package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Reloader;
import io.mop.control.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands as a client of the socket sees them, through a real Gogo runtime. */
@Timeout(30)
class CommandsTest {
  private static final Status STATUS =
      new Status(
          "running",
          Duration.ofMinutes(192).toMillis(),
          3 << 20,
          512L << 20,
          List.of(
              new Status.Component("receivers.otlp", "otlp", "0.1.0", true, "", 0),
              new Status.Component(
                  "exporters.otlp/tempo", "otlp", "0.1.0", false, "connection \"refused\"\nby \u001btempo:4317",
                  Instant.parse("2026-11-03T10:00:00.250Z").toEpochMilli())),
          List.of(
              new Status.Plugin("receiver", "otlp", "0.1.0", "io.mop.plugins.otlp", 27, "active", "", 5,
                  7_000, 900, 0)),
          List.of(
              new Status.Flow(
                  "receivers.otlp", Signal.TRACES, 1_000, 0, 990, 0, Map.of(),
                  Map.of("memory_limit", 10L), Map.of(), 0),
              new Status.Flow(
                  "exporters.otlp/tempo", Signal.TRACES, 990, 0, 900, 0, Map.of("b", 2L, "a", 1L), Map.of(),
                  Map.of("permanent", 3L), 83)),
          Map.of("receivers.otlp malformed_requests", 2L, "receivers.otlp refused_requests", 0L));

  private final StatusCommand status = new StatusCommand();
  private final ReloadCommand reload = new ReloadCommand();
  @TempDir Path dir;
  private GogoSocket socket;

  @BeforeEach
  void open() throws Exception {
    socket = new GogoSocket(dir).command("status", status).command("reload", reload).command("log", new LogCommand());
    status.control =
        new IdleControl() {
          @Override
          public Status status() {
            return STATUS;
          }
        };
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
  }

  private String send(String line) throws Exception {
    return socket.send(line);
  }

  @Test
  void statusIsATable() throws Exception {
    assertThat(send("mop:status"))
        .isEqualTo(
            """
            MOP is running, up 3h12m, holds 3.0 MiB of 512.0 MiB

            COMPONENT             PLUGIN      HEALTH     SINCE                 REASON
            receivers.otlp        otlp 0.1.0  healthy    -
            exporters.otlp/tempo  otlp 0.1.0  UNHEALTHY  2026-11-03T10:00:00Z  connection "refused" by tempo:4317

            COMPONENT             SIGNAL    IN  CREATED  OUT  SAMPLED OUT  FILTERED  REFUSED  FAILED  HELD  DIFFERENCE
            receivers.otlp        traces  1000        0  990            0         0       10       0     0           0
            exporters.otlp/tempo  traces   990        0  900            0         3        0       3    83           1

            COMPONENT             SIGNAL  WHAT      REASON        ITEMS
            receivers.otlp        traces  refused   memory_limit     10
            exporters.otlp/tempo  traces  filtered  a                 1
            exporters.otlp/tempo  traces  filtered  b                 2
            exporters.otlp/tempo  traces  failed    permanent         3

            COMPONENT       COUNTER             VALUE
            receivers.otlp  malformed_requests      2
            0
            """);
  }

  @Test
  void statusIsJson() throws Exception {
    assertThat(send("mop:status -o json"))
        .isEqualTo(
            ("""
            {"state":"running","uptime_millis":11520000,"memory_used":3145728,"memory_limit":536870912,"components":[
            {"path":"receivers.otlp","plugin":"otlp","version":"0.1.0","healthy":true,"reason":"","since":null},
            {"path":"exporters.otlp/tempo","plugin":"otlp","version":"0.1.0","healthy":false,
            "reason":"connection \\"refused\\"\\u000aby \\u001btempo:4317","since":"2026-11-03T10:00:00Z"}],"plugins":[
            {"kind":"receiver","name":"otlp","version":"0.1.0","bundle":"io.mop.plugins.otlp","bundle_id":27,
            "state":"active","reason":"","calls":5,"cpu_nanos":7000,"allocated_bytes":900,"errors":0}],"flows":[
            {"path":"receivers.otlp","signal":"traces","in":1000,"created":0,"out":990,"sampled_out":0,"filtered":{},
            "refused":{"memory_limit":10},"failed":{},"held":0,"difference":0},
            {"path":"exporters.otlp/tempo","signal":"traces","in":990,"created":0,"out":900,"sampled_out":0,
            "filtered":{"a":1,"b":2},"refused":{},"failed":{"permanent":3},"held":83,"difference":1}],"counters":{
            "receivers.otlp malformed_requests":2,"receivers.otlp refused_requests":0}}
            """.replace("\n", "") + "\n0\n"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "mop:status -o xml | 2 | mop: Output \"xml\" is unknown: expected table or json.",
        "mop:nothing | 2 | mop: there is no command mop:nothing; \"help\" lists them.",
        "mop:status ( | 2 | mop: ",
        "mop:log loud | 2 | mop: Log level \"loud\" is unknown: expected error, warning, info, debug or trace.",
        "mop:log info debug | 2 | mop: One level is enough: expected error, warning, info, debug or trace.",
        "mop:status a b | 2 | mop: ",
      })
  void whatIsAskedWronglyIsASentence(String line, String code, String message) throws Exception {
    String answer = send(line);
    assertThat(answer).startsWith(message).endsWith("\n" + code + "\n");
  }

  // ---- the configuration

  private static final Reloader.Applied APPLIED =
      new Reloader.Applied(
          "/etc/mop/mop.yaml", "0123456789abcdef0123", Instant.parse("2026-11-03T10:00:00Z").toEpochMilli(),
          Optional.empty());

  private static final Reloader.Applied REJECTED =
      new Reloader.Applied(
          APPLIED.file(), APPLIED.hash(), APPLIED.since(),
          Optional.of(
              new Reloader.Rejected(
                  Instant.parse("2026-11-03T11:00:00Z").toEpochMilli(),
                  List.of("mop.yaml:3: a: no", "mop.yaml:4: b: no"))));

  /** Takes a file if {@code discardState} is as it should be. */
  private record Configuration(Reloader.Applied now, boolean discard) implements Reloader {
    @Override
    public Reload reload(boolean discardState) throws ConfigError {
      assertThat(discardState).isEqualTo(discard);
      if (now.rejected().isPresent()) throw new ConfigError(now.rejected().get().problems());
      return new Reload(
          new Changes(List.of("pipelines.logs"), List.of("processors.a"), List.of("exporters.b"),
              List.of("receivers.c")),
          List.of("mop.yaml:2: processors.batch: accepted and left out"));
    }

    @Override
    public Optional<Applied> applied() {
      return Optional.of(now);
    }
  }

  @Test
  void reloadSaysWhatBecameOfEverything() throws Exception {
    reload.reloader = new Configuration(APPLIED, false);
    assertThat(send("mop:reload"))
        .isEqualTo(
            """
            note      mop.yaml:2: processors.batch: accepted and left out
            added     pipelines.logs
            replaced  processors.a
            removed   exporters.b
            kept      receivers.c
            configuration /etc/mop/mop.yaml, 0123456789ab, since 2026-11-03T10:00:00Z
            0
            """);
    reload.reloader = new Configuration(APPLIED, true);
    assertThat(send("mop:reload --discard-state")).endsWith("\n0\n");
  }

  @Test
  void aRejectedFileIsItsProblemsAndCode3() throws Exception {
    reload.reloader = new Configuration(REJECTED, false);
    assertThat(send("mop:reload"))
        .isEqualTo(
            """
            mop.yaml:3: a: no
            mop.yaml:4: b: no
            mop: the new configuration is rejected; the one before runs on.
            3
            """);
    reload.reloader = null;
    assertThat(send("mop:reload"))
        .isEqualTo("mop: There is no configuration: no bundle offers io.mop.control.Reloader.\n1\n");
  }

  @Test
  void statusShowsWhichConfigurationRunsAndWhichWasRejected() throws Exception {
    status.reloader = new Configuration(REJECTED, false);
    assertThat(send("mop:status"))
        .startsWith(
            """
            MOP is running, up 3h12m, holds 3.0 MiB of 512.0 MiB
            configuration /etc/mop/mop.yaml, 0123456789ab, since 2026-11-03T10:00:00Z
            REJECTED 2026-11-03T11:00:00Z: mop.yaml:3: a: no (and 1 more)

            COMPONENT""");
    assertThat(send("mop:status -o json"))
        .contains(
            "\"configuration\":{\"file\":\"/etc/mop/mop.yaml\",\"hash\":\"0123456789ab\","
                + "\"since\":\"2026-11-03T10:00:00Z\","
                + "\"rejected\":{\"at\":\"2026-11-03T11:00:00Z\","
                + "\"problems\":[\"mop.yaml:3: a: no\",\"mop.yaml:4: b: no\"]}}");
  }

  @Test
  void withoutAnEngineStatusSaysSo() throws Exception {
    status.control = null;
    assertThat(send("mop:status"))
        .isEqualTo("mop: The engine is not running: no bundle offers io.mop.control.Control.\n1\n");
  }

  @Test
  void theLogLevelChangesLive() throws Exception {
    Logger logger = Logger.getLogger("io.mop.shell.test");
    assertThat(logger.isLoggable(Level.FINE)).isFalse();
    assertThat(send("mop:log -l io.mop.shell.test debug")).isEqualTo("io.mop.shell.test: debug\n0\n");
    assertThat(logger.isLoggable(Level.FINE)).isTrue();
    assertThat(send("mop:log -l io.mop.shell.test")).isEqualTo("io.mop.shell.test: debug\n0\n");
    assertThat(send("mop:log -l io.mop.shell.test.below")).isEqualTo("io.mop.shell.test.below: debug\n0\n");
    assertThat(send("mop:log")).matches("All loggers: [a-z]+\nio.mop.shell.test: debug\n0\n");
    assertThat(send("mop:log -l io.mop.shell.test error")).isEqualTo("io.mop.shell.test: error\n0\n");
    assertThat(logger.isLoggable(Level.WARNING)).isFalse();
    assertThat(send("mop:log -l io.mop.shell.test inherit")).matches("io.mop.shell.test: [a-z]+\n0\n");
    assertThat(logger.getLevel()).isNull();
    assertThat(send("mop:log")).matches("All loggers: [a-z]+\n0\n");
  }
}
