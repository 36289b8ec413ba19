package io.mop.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Gogo itself makes of a line. */
class GogoLineTest {
  private final ThreadIOImpl io = new ThreadIOImpl();
  private final CommandProcessorImpl gogo = new CommandProcessorImpl(io);

  /** A Gogo command. */
  public static final class Echo {
    public List<String> echo(String... arguments) {
      return List.of(arguments);
    }
  }

  @BeforeEach
  void open() {
    io.start();
    gogo.addCommand("mop", new Echo(), "echo");
  }

  @AfterEach
  void close() {
    gogo.stop();
    io.stop();
  }

  @ParameterizedTest(name = "[{0}]")
  @ValueSource(
      strings = {
        "plain.jar", "", " ", "a  b", "it's", "'", "''", "'a'", "'; mop:log debug; '", "\\", "a\\", "\\'", "$HOME",
        "${x}",
        "$(mop:log debug)", "`x`", "a;b|c&d>e<f", "~", "*?[x]", "{a,b}", "(x)", "#x", "!x", "@", "%1", "=", "x=y", "\"",
        "\"a b\"", "-o", "--x", "12", "true", "null", "a\tb", "a\rb", "é ☃ 😀", "\\u0041", "\u0085", "\u2028",
      })
  void argumentsArriveAsTheyAre(String argument) throws Exception {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    try (CommandSession session = gogo.createSession(new ByteArrayInputStream(new byte[0]), nowhere, nowhere)) {
      assertThat(session.execute(GogoLine.of("mop:echo", argument, "end"))).isEqualTo(List.of(argument, "end"));
    }
  }

  @Test
  void aLineBreakIsRefused() {
    assertThatThrownBy(() -> GogoLine.of("mop:echo", "a\nb"))
        .isInstanceOfSatisfying(CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE));
  }
}
