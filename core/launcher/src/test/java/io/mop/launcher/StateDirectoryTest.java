package io.mop.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
  @TempDir Path dir;

  @Test
  void isMadePrivateWithItsParents() throws Exception {
    Path path = dir.resolve("a/b/mop");
    try (StateDirectory state = StateDirectory.open(path)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.path()))).isEqualTo("rwx------");
    }
    try (StateDirectory again = StateDirectory.open(path)) {
      assertThat(again.path()).isEqualTo(path);
    }
  }

  @Test
  void isNeverShared() throws Exception {
    try (StateDirectory first = StateDirectory.open(dir.resolve("mop"))) {
      LaunchException refused =
          catchThrowableOfType(LaunchException.class, () -> StateDirectory.open(first.path()));
      assertThat(refused)
          .hasMessage("MOP is already running with state directory " + first.path() + " (process "
              + ProcessHandle.current().pid() + ").");
      assertThat(refused.exitCode()).isEqualTo(1);
    }
  }

  @Test
  void thatCannotBeMadeIsASentence() throws Exception {
    Path file = Files.writeString(dir.resolve("file"), "x");
    for (Path path : new Path[] {file, file.resolve("mop")}) {
      LaunchException refused = catchThrowableOfType(LaunchException.class, () -> StateDirectory.open(path));
      assertThat(refused)
          .hasMessageStartingWith("State directory " + path + " cannot be used: ")
          .hasMessageContaining(file + " is not a directory")
          .hasMessageEndingWith("; name another with --state DIR or MOP_STATE.");
    }
  }
}
