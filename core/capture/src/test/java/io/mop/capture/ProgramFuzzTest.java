package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines and files are of foreign processes: nothing in them may stop the reader. */
@Timeout(300)
class ProgramFuzzTest {
  private static final String[] WORDS = {
    "-", "--", "-m", "-c", "-W", "-X", "-jar", "-cp", "-e", "-r", "-A", "--app=", "--module=", "-f", "@x", "", "a",
    "a:b", "/", "//", ".", "a/", "/a.js", "app-1.2.jar", "gunicorn", "celery", "uvicorn", "x.y:z(", "ы", "\ud800", "{",
    "\"", "\\", "name", ",", "=", "%", "service", "0::/", ".service", "\\x2d", "\n"
  };
  private static final List<String> INTERPRETERS = List.of("ruby", "perl", "php");

  @TempDir Path proc;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothingIsThrown(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      List<String> words = new ArrayList<>();
      for (int n = random.nextInt(8); n >= 0; n--) words.add(WORDS[random.nextInt(WORDS.length)]);
      JavaCommand.name(words);
      PythonCommand.name(words);
      Scripts.node(words).ifPresent(s -> Scripts.base(s, "js"));
      for (String interpreter : INTERPRETERS) Scripts.name(interpreter, words);
      String text = String.join("", words);
      PackageJson.name(text);
      ResourceVariable.parse(text);
      assertThat(SystemdUnit.of(text).filter(String::isEmpty)).isEmpty();
    }
  }

  /** Each of these takes a naive pattern for ever, or its stack. */
  @Test
  void longArgumentsTakeNoTime() throws IOException {
    String dots = "a.".repeat(100_000);
    String brackets = "puma" + " [".repeat(100_000);
    String versions = "a-1.1" + "_a".repeat(40) + "!";
    Path p = Files.createDirectories(proc.resolve("7"));
    Files.writeString(p.resolve("stat"), "7 (x) S 1" + " 0".repeat(17) + " 7\n");
    Program program = new Program(new ProcFs(proc), new ProcDetails(proc));
    for (String exe : List.of("java", "python3", "ruby", "php-fpm", "node", "perl")) {
      Files.deleteIfExists(p.resolve("exe"));
      Files.createSymbolicLink(p.resolve("exe"), Path.of("/usr/bin/" + exe));
      for (String command : List.of(brackets, exe + "\0gunicorn\0" + dots, exe + "\0-jar\0" + versions, dots)) {
        Files.writeString(p.resolve("cmdline"), command);
        assertThat(program.name(7).orElse("").length()).isLessThanOrEqualTo(1024);
      }
    }
  }
}
