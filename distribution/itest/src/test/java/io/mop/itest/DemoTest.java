package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code mop demo}, whole: real nginx, Java service, SDK and kernel. */
@Timeout(120)
class DemoTest {
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  @TempDir Path dir;

  private record Result(int code, String out, String err) {
    /** The number of one line of the comparison. */
    long count(String what) {
      Matcher matcher = Pattern.compile("^" + what + " +(\\d+)( \\(.*\\))?$", Pattern.MULTILINE).matcher(out);
      assertThat(matcher.find()).as("'%s' in%n%s%s", what, out, err).isTrue();
      return Long.parseLong(matcher.group(1));
    }

    void hasStopped(String process) {
      Matcher matcher = Pattern.compile("^" + process + " is process (\\d+) ", Pattern.MULTILINE).matcher(err);
      assertThat(matcher.find()).as("process of %s in %s", process, err).isTrue();
      assertThat(ProcessHandle.of(Long.parseLong(matcher.group(1))).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  private Result demo(List<String> before, String duration) throws Exception {
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of(Distribution.HOME.resolve("bin/mop").toString(), "demo", "--duration", duration));
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectOutput(dir.resolve("out").toFile()).redirectError(dir.resolve("err").toFile());
    int code = builder.start().waitFor();
    return new Result(
        code,
        Files.readString(dir.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(dir.resolve("err"), StandardCharsets.UTF_8));
  }

  private static long capabilities() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:")) return Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
    }
    throw new IllegalStateException("no CapEff in /proc/self/status");
  }

  @Test
  void everyRequestIsSeenByTheKernelAndByTheSdk() throws Exception {
    assumeTrue((capabilities() & CAP_SYS_ADMIN) != 0, "loading eBPF programs needs root");
    Result result = demo(List.of(), "5s");
    assertThat(result.code()).as(result.out() + result.err()).isZero();
    long made = result.count("requests the client made");
    assertThat(made).isGreaterThan(20);
    assertThat(result.count("requests nginx logged")).isEqualTo(made);
    assertThat(result.count("server spans of nginx")).isEqualTo(made);
    long served = result.count("requests orders served");
    assertThat(served).isBetween(made / 4, made);
    assertThat(result.count("server spans of orders")).isEqualTo(served);
    assertThat(result.out()).containsPattern("nginx +GET +client ").containsPattern("orders +GET /api/payment +server ");
    result.hasStopped("nginx");
    result.hasStopped("orders");
  }

  @Test
  void withoutPrivilegeTheSdkIsStillSeenAndWhatRootAddsIsSaid() throws Exception {
    boolean root = capabilities() != 0;
    if (root) assumeTrue(Files.isExecutable(SETPRIV), "setpriv of util-linux takes privileges away");
    Result result =
        demo(root ? List.of(SETPRIV.toString(), "--bounding-set=-all", "--inh-caps=-all") : List.of(), "2s");
    assertThat(result.code()).as(result.out() + result.err()).isZero();
    long made = result.count("requests the client made");
    assertThat(made).isGreaterThan(20);
    assertThat(result.count("requests orders served")).isEqualTo(made);
    assertThat(result.count("server spans of orders")).isEqualTo(made);
    assertThat(result.out()).doesNotContainPattern("nginx +GET");
    assertThat(result.err()).contains("As root (sudo mop demo)", "CAP_BPF and CAP_PERFMON");
    result.hasStopped("orders");
  }
}
