package io.mop.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.cli.CommandException;
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
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemoTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

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
  void theLastTablesTotalsAreTakenFromWhatPassesThrough() throws Exception {
    try (MopProcess mop =
        start(
            """
            trap 'echo "total 1234 spans, 56 errors, in 30.0 s"; echo bye; exit 0' TERM
            printf '\\033[3A\\033[Jtotal 7 spans, 1 errors, 3.5/s\\nnote\\n'
            while :; do sleep 0.1; done
            """)) {
      answer("{\"state\":\"running\",\"components\":[{\"path\":\"receivers.ebpf\",\"healthy\":true}]}\n0\n");
      mop.awaitRunning(LIMIT, notStopped);
      assertThat(mop.stop()).isEqualTo(new MopProcess.Table(1234, 56));
      assertThat(printed.toString(StandardCharsets.UTF_8))
          .isEqualTo(
              "\u001b[3A\u001b[Jtotal 7 spans, 1 errors, 3.5/s\nnote\ntotal 1234 spans, 56 errors, in 30.0 s\nbye\n");
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
  void aDifferenceIsNamed() {
    assertThat(Demo.difference(10, 10, 7)).isEqualTo("MOP counted 3 spans too few.");
    assertThat(Demo.difference(10, 10, 11)).isEqualTo("MOP counted 1 spans too many.");
    assertThat(Demo.difference(10, 9, 9)).startsWith("nginx did not see every request");
  }
}
