package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@OnBothHooks
class LifecycleTest {
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;

  @Test
  void fiftyStartsLeaveNothingBehind() throws Exception {
    Probe.start(1 << 20, hook).close();
    List<String> before = bpfDescriptors();
    long mappings = bpfMappings();
    for (int i = 0; i < 50; i++) {
      try (Probe probe = Probe.start(1 << 20, hook)) {
        assertThat(bpfDescriptors()).hasSizeGreaterThan(before.size() + 8);
        assertThat(probe.ring().drain((data, at) -> {})).isZero();
      }
    }
    assertThat(bpfDescriptors()).isEqualTo(before);
    assertThat(bpfMappings()).isEqualTo(mappings);
  }

  /** Programs, maps, links and BTF that this process holds. */
  private static List<String> bpfDescriptors() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (!Files.isSymbolicLink(descriptor)) continue; // the one of this listing
        String target = Files.readSymbolicLink(descriptor).toString();
        if (target.contains("bpf") || target.contains("btf")) found.add(target);
      }
    }
    return found.stream().filter(t -> t.startsWith("anon_inode:")).sorted().toList();
  }

  private static long bpfMappings() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(l -> l.contains("anon_inode:bpf-map")).count();
    }
  }

  @Test
  void detachedProbeSeesNothingMoreAndIsStillReadable() throws Exception {
    try (Probe probe = Probe.start(1 << 20, hook);
        Nginx nginx = new Nginx(directory, 0, false).file("small", "small ", 20)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      Recording recording = new Recording(probe.ring());
      try (HttpClient client = new HttpClient(nginx.port())) {
        client.get("/small");
        recording.until("the request", () -> recording.moved(client.port(), client.sent().length, 1));
        probe.detach();
        client.get("/small"); // whatever program was running has ended
        long seen = probe.counters().get(Counter.SEEN);
        client.get("/small");
        assertThat(probe.counters().get(Counter.SEEN)).isEqualTo(seen).isPositive();
      }
    }
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource({
    "'-all', 'CAP_BPF and CAP_PERFMON are needed'",
    "'-all,+bpf', 'CAP_BPF and CAP_PERFMON are needed'",
    "'-all,+perfmon', 'CAP_BPF and CAP_PERFMON are needed'",
    "'-all,+bpf,+perfmon', 'started 0'",
  })
  void privileges(String capabilities, String expected) {
    List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set", capabilities));
    command.addAll(Child.javaCommand(ProbeMain.class, hook.name()));
    try (Child child = new Child(command.toArray(new String[0]))) {
      assertThat(child.run().output()).contains(expected).hasLineCount(1);
    }
  }

  @Test
  void anObjectThatIsNoneIsRefusedInOneSentence() {
    assertThatThrownBy(() -> BpfObject.open("probe.o", "no ELF file".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(BpfException.class)
        .hasMessageStartingWith("cannot read probe.o: ");
  }

  @Test
  void aMissingProgramOrMapIsNamed() throws Exception {
    byte[] elf = Probe.class.getResourceAsStream("capture.bpf.o").readAllBytes();
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      assertThatThrownBy(() -> object.omit("absent")).hasMessage("capture.bpf.o has no program absent");
      assertThatThrownBy(() -> object.mapFd("absent")).hasMessage("capture.bpf.o has no map absent");
    }
  }

  @Test
  void whatTheKernelRefusesIsSaidInOneSentence() throws Exception {
    byte[] elf = Probe.class.getResourceAsStream("capture.bpf.o").readAllBytes();
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      object.maxEntries("counters", 0);
      assertThatThrownBy(object::load).hasMessage("cannot load capture.bpf.o: Invalid argument");
    }
  }

  @Test
  void theVerifiersReasonIsInTheSentence() throws Exception {
    byte[] elf = Probe.class.getResourceAsStream("capture.bpf.o").readAllBytes();
    callUnknownHelper(elf);
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      assertThatThrownBy(object::load)
          .hasMessageStartingWith("cannot load capture.bpf.o: Invalid argument; the verifier on program socket_")
          .hasMessageContaining("invalid func unknown#999")
          .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
    }
  }

  /** Replaces a call of bpf_sk_storage_get (107). */
  private static void callUnknownHelper(byte[] elf) {
    for (int i = 0; i + 8 <= elf.length; i += 8) {
      if (elf[i] != (byte) 0x85 || elf[i + 1] != 0 || elf[i + 4] != 107 || elf[i + 5] != 0) continue;
      elf[i + 4] = (byte) (999 & 0xff);
      elf[i + 5] = (byte) (999 >> 8);
      return;
    }
    throw new AssertionError("no such call");
  }

  /** As on a kernel from before the socket tracepoints: a name that this one does not have either. */
  @Test
  void whatTheKernelLacksDoesNotKeepTheOtherFrontEndFromLoading() throws Exception {
    byte[] elf = Probe.class.getResourceAsStream("capture.bpf.o").readAllBytes();
    rename(elf, "tp_btf/sock_send_length", "tp_btf/absent__________");
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      assertThatThrownBy(object::load).hasMessageStartingWith("cannot load capture.bpf.o: ");
    }
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      for (String program : FrontEnd.SOCK.programs()) object.omit(program);
      object.omitMap(FrontEnd.SOCK.state());
      object.load();
      object.attach();
    }
  }

  private static void rename(byte[] elf, String from, String to) {
    byte[] old = from.getBytes(StandardCharsets.UTF_8);
    int renamed = 0;
    for (int i = 0; i + old.length <= elf.length; i++) {
      if (!Arrays.equals(elf, i, i + old.length, old, 0, old.length)) continue;
      System.arraycopy(to.getBytes(StandardCharsets.UTF_8), 0, elf, i, old.length);
      renamed++;
    }
    assertThat(renamed).isPositive();
  }

  @Test
  void theLoadRunsWithoutAnOmittedProgram() throws Exception {
    byte[] elf = Probe.class.getResourceAsStream("capture.bpf.o").readAllBytes();
    try (BpfObject object = BpfObject.open("capture.bpf.o", elf)) {
      for (String program : FrontEnd.SYS_EXIT.programs()) object.omit(program);
      object.omitMap(FrontEnd.SYS_EXIT.state());
      object.omit("tcp_send_start");
      object.callOnly(FrontEnd.SOCK.tells());
      object.load();
      object.attach();
      assertThat(bpfDescriptors().stream().filter(t -> t.contains("bpf-prog") || t.contains("bpf_prog"))).hasSize(6);
    }
  }
}
