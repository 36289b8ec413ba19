package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {
  @TempDir Path proc;
  private FakeProc fake;
  private Listeners listeners;

  @BeforeEach
  void start() throws IOException {
    fake = new FakeProc(proc);
    fake.process(10, 1, "/bin/a", List.of(), 500);
    fake.process(11, 1, "/bin/b", List.of());
    listeners = new Listeners(new ProcFs(proc), Set.of(8080, 7000));
  }

  /** Looks for listeners on a port. */
  private List<Integer> look(int port) throws IOException {
    listeners.next();
    List<Integer> found = new ArrayList<>();
    for (int pid : List.of(10, 11, 12)) {
      if (Files.exists(fake.file(pid, "stat")) && listeners.listens(pid, port)) found.add(pid);
    }
    return found;
  }

  @Test
  void aNewProcessIsReadAtOnce() throws IOException {
    assertThat(look(8080)).containsExactly(10);
    fake.process(12, 2, "/bin/c", List.of(), 500);
    assertThat(look(8080)).containsExactly(10, 12);
  }

  @Test
  void aNewSocketIsFoundAtOnce() throws IOException {
    assertThat(look(7000)).isEmpty();
    assertThat(look(8080)).containsExactly(10);
    fake.network(11, 2, 7000, 700);
    fake.link(11, "fd/3", "socket:[700]");
    assertThat(look(7000)).containsExactly(11);
    assertThat(look(8080)).containsExactly(10);
  }

  @Test
  void whoHadOneIsReadEachTime() throws IOException {
    assertThat(look(8080)).containsExactly(10);
    Files.delete(fake.file(10, "fd/3"));
    assertThat(look(8080)).isEmpty();
  }

  @Test
  void aSocketThatIsHandedOverIsFoundWithinATurn() throws IOException {
    assertThat(look(8080)).containsExactly(10);
    fake.link(11, "fd/3", "socket:[500]");
    int looks = 1;
    while (!look(8080).equals(List.of(10, 11))) assertThat(++looks).isLessThanOrEqualTo(Listeners.TURNS);
    assertThat(look(8080)).as("and from then on").containsExactly(10, 11);
  }
}
