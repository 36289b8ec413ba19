package io.mop.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** What is written; that it builds and runs is tested with the distribution. */
class NewCommandTest {
  private static final String PARENT = "<project><version>9.8.7</version></project>\n";

  @TempDir Path dir;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void sdk() throws Exception {
    Files.createDirectories(dir.resolve("sdk"));
    Files.writeString(dir.resolve("sdk/plugin-parent.xml"), PARENT);
  }

  private int mop(String... args) {
    CommandLine line = Main.commandLine(new Mop(dir, Map.of()));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(args);
  }

  private static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource(NewCommand.Kind.class)
  void everyPlaceholderIsFilled(NewCommand.Kind kind) throws Exception {
    Path folder = dir.resolve("a/b");
    assertThat(mop("new", kind.toString(), "my_thing", "-o", folder.toString(), "--package", "org.acme.x")).isZero();
    assertThat(err.toString()).isEmpty();
    String type = "MyThing" + kind.name().charAt(0) + kind.toString().substring(1);
    assertThat(files(folder)).contains(
        Path.of(".gitignore"), Path.of("pom.xml"), Path.of("README.md"), Path.of(".mvn/plugin-parent.xml"),
        Path.of("src/main/java/org/acme/x/" + type + ".java"),
        Path.of("src/test/java/org/acme/x/" + type + "Test.java"));
    assertThat(files(folder)).containsAll(
        kind.fixtures().stream().map(f -> Path.of("src/test/resources", f)).toList());
    assertThat(folder.resolve(".mvn/plugin-parent.xml")).hasContent(PARENT);
    for (Path file : files(folder)) {
      if (file.endsWith("recorded.moprec")) continue;
      String text = Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
      assertThat(text).as(file.toString()).doesNotContainPattern("@(name|Class|package|artifact|version|sdk|plugins)@");
      if (file.toString().endsWith(".java")) {
        assertThat(text.lines().mapToInt(String::length).max().orElseThrow()).as("width of %s", file)
            .isLessThanOrEqualTo(120);
      }
    }
    List<String> pom = Files.readAllLines(folder.resolve("pom.xml"));
    assertThat(pom).hasSizeLessThanOrEqualTo(30)
        .contains(
            "    <version>9.8.7</version>", "  <groupId>org.acme.x</groupId>", "  <artifactId>my-thing</artifactId>",
            "    <mop.sdk>" + dir.resolve("sdk") + "</mop.sdk>");
    assertThat(out.toString().lines()).containsExactly(
        "cd " + folder + " && mvn verify",
        "cp target/my-thing-1.0.0.jar " + dir.resolve("plugins") + "/",
        "Add " + kind.section + ".my_thing to mop.yaml: README.md shows how.");
  }

  /** Its bytes are those of the template: it is no text in which something is filled in. */
  @Test
  void aRecordingIsCopied() throws Exception {
    Path folder = dir.resolve("probe");
    assertThat(mop("new", "probe", "lines", "-o", folder.toString())).isZero();
    assertThat(folder.resolve("src/test/resources/recorded.moprec"))
        .hasSameBinaryContentAs(Path.of("src/main/resources/io/mop/cli/plugin/probe/recorded.moprec"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "processor Set-Region | NAME is \"Set-Region\", expected at most 40 lower-case letters, digits and _, ",
        "processor 9lives | NAME is \"9lives\", expected at most 40 ",
        "processor new | \"com.example.new\" is no name of a Java package; --package gives another one",
        "processor a --package 1.b | \"1.b\" is no name of a Java package",
        "processor a --package io.mop.a | --package is \"io.mop.a\", but io.mop is MOP's own",
        "sampler a | expected one of [",
        "processor | Missing required parameter: 'NAME'",
      })
  void whatCannotBeMadeIsSaid(String args, String message) throws Exception {
    String[] words = ("new " + args).split(" ");
    assertThat(mop(words)).isEqualTo(2);
    assertThat(err.toString()).contains(message);
    assertThat(files(dir)).containsExactly(Path.of("sdk/plugin-parent.xml"));
  }

  @Test
  void anExistingFolderIsLeftAlone() throws Exception {
    Path folder = Files.createDirectory(dir.resolve("mine"));
    assertThat(mop("new", "probe", "a", "-o", folder.toString())).isEqualTo(1);
    assertThat(err.toString()).isEqualTo("mop: " + folder + " exists: give another folder with -o DIR.\n");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void withoutAnSdkItSaysSo() throws Exception {
    Files.delete(dir.resolve("sdk/plugin-parent.xml"));
    assertThat(mop("new", "probe", "a", "-o", dir.resolve("a").toString())).isEqualTo(4);
    assertThat(err.toString())
        .isEqualTo("mop: There is no SDK: no file " + dir.resolve("sdk/plugin-parent.xml") + ".\n");
    assertThat(dir.resolve("a")).doesNotExist();
  }
}
