package io.mop.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.cli.CommandException;
import io.mop.cli.Privilege;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path home;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final CountDownLatch notStopped = new CountDownLatch(1);

  /** A program in MOP's place, so that this test is about the demo only. */
  private MopProcess start(String script) throws Exception {
    Path mop = Files.createDirectory(home.resolve("bin")).resolve("mop");
    Files.writeString(mop, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(mop, PosixFilePermissions.fromString("rwx------"));
    return MopProcess.start(home, home.resolve("mop.yaml"), home.resolve("state"), new PrintStream(printed, true));
  }

  /** Answers one question on the control socket. */
  private void answer(String status) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(home.resolve("state/mop.sock")));
    Thread thread =
        new Thread(() -> {
          try (server; SocketChannel channel = server.accept()) {
            channel.read(ByteBuffer.allocate(100));
            channel.write(StandardCharsets.UTF_8.encode(status));
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    thread.setDaemon(true);
    thread.start();
  }

  @Test
  void theLastTableIsReadFromWhatPassesThrough() throws Exception {
    String first =
        """
        \\033[3A\\033[JSERVICE  OPERATION        KIND    REQ/S  ERR %%  P50      P95      TOTAL
        orders   GET /api/orders  server    5.0    0.0  5.00 ms  6.00 ms      9
        waiting  for nothing      server    5.0    0.0  5.00 ms  6.00 ms      4
        """;
    String last =
        """
        SERVICE  OPERATION            KIND    REQ/S  ERR %%  P50      P95      TOTAL
        orders   GET /api/orders      server   50.0    0.0  5.00 ms  6.00 ms     70
        nginx    GET                  server  150.0   10.0  5.00 µs  6.00 ms  12345
        orders   GET /api/pay  twice  server    5.0    0.0   512 ns   1.2 s       5
        nginx    GET                  client    5.0    0.0  5.00 ms  6.00 ms     75
        total 12495 spans, 56 errors, in 30.0 s
        """;
    try (MopProcess mop =
        start("trap 'printf \"" + last + "\"; exit 0' TERM\nprintf \"" + first
            + "\"\nwhile :; do sleep 0.1; done\n")) {
      answer("{\"state\":\"running\",\"components\":[{\"path\":\"receivers.ebpf\",\"healthy\":true}]}\n0\n");
      mop.awaitRunning(LIMIT, notStopped);
      SpanTable table = mop.stop();
      assertThat(table.spans("nginx", "server")).isEqualTo(12345);
      assertThat(table.spans("nginx", "client")).isEqualTo(75);
      assertThat(table.spans("orders", "server")).isEqualTo(75);
      assertThat(table.spans("waiting", "server")).isZero();
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .isEqualTo((first + last).replace("\\033", "\u001b").replace("%%", "%"));
    }
  }

  @Test
  void aMopThatEndsSaysWhy() throws Exception {
    try (MopProcess mop = start("echo 'ERROR no such plugin' >&2; exit 3")) {
      assertThatThrownBy(() -> mop.awaitRunning(LIMIT, notStopped)).isInstanceOf(CommandException.class)
          .hasMessage("MOP ended with exit code 3:\nERROR no such plugin");
    }
  }

  @Test
  void aReceiverThatCannotSeeSaysWhy() throws Exception {
    try (MopProcess mop = start("exec sleep 60")) {
      answer(
          "{\"state\":\"running\",\"components\":[{\"path\":\"receivers.ebpf\",\"plugin\":\"ebpf\",\"version\":\"1\","
              + "\"healthy\":false,\"reason\":\"the kernel has no BTF\"}]}\n0\n");
      assertThatThrownBy(() -> mop.awaitRunning(LIMIT, notStopped)).isInstanceOf(CommandException.class)
          .hasMessage("MOP cannot see nginx: the kernel has no BTF.");
    }
  }

  @Test
  void aPortThatIsTakenSaysWhy() throws Exception {
    try (MopProcess mop = start("exec sleep 60")) {
      answer("{\"components\":[{\"path\":\"receivers.otlp\",\"healthy\":false,\"reason\":\"in use\"}]}\n0\n");
      assertThatThrownBy(() -> mop.awaitRunning(LIMIT, notStopped)).isInstanceOf(CommandException.class)
          .hasMessage("MOP cannot take what orders reports: in use.");
    }
  }

  @Test
  void aServiceThatDoesNotStartSaysWhy() throws Exception {
    assertThatThrownBy(() -> Orders.start(home, 4318, home.resolve("orders"))).isInstanceOf(CommandException.class)
        .hasMessage("The service of the demo is missing: there is no " + home.resolve("demo") + ".");
    Files.createDirectory(home.resolve("demo"));
    assertThatThrownBy(() -> Orders.start(home, 4318, home.resolve("orders"))).isInstanceOf(CommandException.class)
        .hasMessageStartingWith("The service orders did not start: ").hasMessageContaining("io.mop.demo.Orders");
  }

  @Test
  void noDistributionIsSaid() {
    assertThatThrownBy(
            () -> MopProcess.start(home, home.resolve("mop.yaml"), home.resolve("state"), new PrintStream(printed)))
        .isInstanceOf(CommandException.class).hasMessage("There is no MOP distribution in " + home + ".");
  }

  @ParameterizedTest(name = "CapEff {0}: {1}")
  @CsvSource({
    "0000000000000000,false", "000001ffffffffff,true", "0000000000200000,true", "0000008000000000,false",
    "000000c000000000,true", "0000004000000000,false", "ffffffffffffffff,true",
  })
  void privilegeIsReadFromTheEffectiveCapabilities(String set, boolean expected) {
    assertThat(Privilege.canLoadBpf(List.of("Name:\tjava", "CapPrm:\t000001ffffffffff", "CapEff:\t" + set)))
        .isEqualTo(expected);
    assertThat(Privilege.canLoadBpf(List.of("Name:\tjava"))).isFalse();
  }

  @Test
  void everyDifferenceIsNamed() {
    List<Demo.Count> counts =
        List.of(
            new Demo.Count("a", "requests made", 10, ""), new Demo.Count("a", "lines logged", 9, ""),
            new Demo.Count("a", "spans", 9, ""), new Demo.Count("b", "served", 4, ""),
            new Demo.Count("b", "spans of b", 7, ""));
    assertThat(Demo.differences(counts))
        .containsExactly("lines logged: 1 fewer than requests made.", "spans of b: 3 more than served.");
    assertThat(Demo.differences(counts.subList(1, 4))).isEmpty();
  }

  @Test
  void onlyWithNginxIsThereEbpf() {
    assertThat(Demo.config(OptionalInt.of(8080), 9000, List.of(4318, 4317), true))
        .contains("select: [ { port: 8080 } ]", "receivers: [otlp, ebpf]", "127.0.0.1:4318", "ansi: always");
    assertThat(Demo.config(OptionalInt.empty(), 9000, List.of(4318, 4317), false))
        .contains("receivers: [otlp],", "127.0.0.1:9000", "root would add").doesNotContain("ebpf:");
  }

  @Test
  void freePortsDiffer() throws Exception {
    assertThat(Ports.free(8)).hasSize(8).doesNotHaveDuplicates().allMatch(port -> port > 0);
  }
}
