package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.testkit.NeedsBpf;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsBpf
class SelectionTest {
  @TempDir Path directory;
  private static Probe probe;
  private static SelectionBitmap selection;

  @BeforeAll
  static void start() throws BpfException {
    probe = Probe.start(1 << 20, EbpfPlugin.Hook.AUTO);
    selection = probe.selection();
  }

  @AfterAll
  static void stop() {
    probe.close();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, SelectionBitmap.TGIDS, Integer.MAX_VALUE})
  void numbersThatMeanNoSingleProcessAreRefused(int tgid) {
    assertThatThrownBy(() -> selection.set(tgid))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("process " + tgid + " cannot be observed: expected 2 to 4194303");
    selection.clear(tgid);
    assertThat(selection.contains(tgid)).isFalse();
  }

  @Test
  void thisProcessIsRefused() {
    int self = (int) ProcessHandle.current().pid();
    assertThatThrownBy(() -> selection.set(self))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("process " + self + " cannot be observed: it is this process");
    assertThat(selection.contains(self)).isFalse();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(ints = {2, 63, 64, 65, 4_194_303})
  void oneBitIsOneProcess(int tgid) {
    selection.set(tgid);
    selection.set(tgid);
    assertThat(selection.contains(tgid)).isTrue();
    assertThat(selection.contains(tgid - 1)).isFalse();
    assertThat(selection.contains(tgid + 1)).isFalse();
    selection.clear(tgid);
    assertThat(selection.contains(tgid)).isFalse();
  }

  @Test
  void allAreThoseThatAreSet() {
    int[] some = {2, 63, 64, 65, 100_000, 4_194_303};
    for (int tgid : some) selection.set(tgid);
    assertThat(selection.all()).containsExactly(2, 63, 64, 65, 100_000, 4_194_303);
    for (int tgid : some) selection.clear(tgid);
    assertThat(selection.all()).isEmpty();
  }

  @Test
  void aPidNamespaceOfItsOwnIsRefused() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("pid"), Path.of("pid:[4026532001]"));
    assertThatThrownBy(() -> Kernel.checkPidNamespace(link)).hasMessageContaining("hostPID: true");
  }

  @Test
  void callsAfterCloseHaveNoEffect() throws Exception {
    Probe other = Probe.start(1 << 20, EbpfPlugin.Hook.AUTO);
    SelectionBitmap late = other.selection();
    late.set(SelectionBitmap.TGIDS - 1);
    other.close();
    late.set(SelectionBitmap.TGIDS - 1);
    late.clear(SelectionBitmap.TGIDS - 1);
    late.close();
    assertThat(late.contains(SelectionBitmap.TGIDS - 1)).isFalse();
    assertThat(late.all()).isEmpty();
  }
}
