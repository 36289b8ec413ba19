package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Of what is in namespaces of its own the kernel speaks by the numbers of the initial one; there MOP has to be. */
@OnBothHooks
class NamespacesTest {
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;

  private static Child unshare(List<String> namespaces, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(List.of("unshare", "--fork"));
    command.addAll(namespaces);
    command.addAll(Child.javaCommand(main, arguments));
    return new Child(command.toArray(new String[0]));
  }

  @Test
  void aProcessInOthersIsCapturedUnderItsNumberHere() throws Exception {
    UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("s"));
    List<String> namespaces = List.of("--pid", "--net", "--mount");
    try (Probe probe = Probe.start(1 << 20, hook);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(path);
        Child unshare = unshare(namespaces, Peer.class, "unix", path.toString())) {
      Recording recording = new Recording(probe.ring());
      probe.selection().set(unshare.pid());
      unshare.run();
      int pid;
      try (SocketChannel channel = server.accept()) {
        List<ProcessHandle> children = ProcessHandle.of(unshare.pid()).orElseThrow().children().toList();
        assertThat(children).hasSize(1);
        pid = (int) children.get(0).pid();
        assertThat(probe.selection().contains(pid)).as("selected by the kernel as it was forked").isTrue();
        channel.write(ByteBuffer.wrap("abcdefghij".getBytes(StandardCharsets.UTF_8)));
        recording.until("what it was sent", () -> recording.anywhere("abcdefghij"));
      }
      assertThat(recording.opens()).hasSize(1).allMatch(open -> open.u32(0) == pid);
      assertThat(recording.anywhere("one two three")).isTrue();
    }
  }

  @Test
  void inAPidNamespaceOfItsOwnTheReceiverSaysWhatIsNeeded() {
    List<String> namespaces = List.of("--pid", "--mount-proc");
    try (Child unshare = unshare(namespaces, ReceiverMain.class, "" + (1 << 20), hook.name())) {
      assertThat(unshare.run().output())
          .isEqualTo(
              "this process runs in a pid namespace of its own: the host's is needed (hostPID: true, or --pid=host)\n");
      assertThat(unshare.awaitExit()).isZero();
    }
  }
}
