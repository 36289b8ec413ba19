package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.net.ClientTls;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestCertificates;
import io.mop.testkit.TestCertificates.Issued;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestProxy;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With every secret marked and every log record kept, whatever a run says is searched for the marks. */
class SecretsTest {
  private static final String MARK = "m4rk3d";

  @TempDir Path directory;
  private final StringBuffer said = new StringBuffer();
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();
  private final Logger root = Logger.getLogger("");
  private final Level level = root.getLevel();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Handler all = new Handler() {
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord r) {
      // The tests' own server logs what it gets.
      if (!"io.grpc.netty.NettyServerHandler".equals(r.getLoggerName())) said.append(formatter.format(r));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  };

  @BeforeEach
  void listen() {
    PrintStream both = new PrintStream(printed, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    all.setLevel(Level.ALL);
    root.addHandler(all);
    root.setLevel(Level.ALL);
  }

  @AfterEach
  void stopListening() {
    root.setLevel(level);
    root.removeHandler(all);
    System.setOut(out);
    System.setErr(err);
  }

  private void run(TestConfig config) {
    said.append(config.build()).append('\n');
    try {
      Exporter exporter = Peers.exporter(config, context);
      said.append(exporter).append('\n');
      for (int i = 0; i < 2; i++) {
        exporter.export(Requests.batch(Requests.of(new Random(1), 5)), outcome);
        said.append(outcome.take()).append('\n');
      }
      exporter.close();
    } catch (RuntimeException e) {
      for (Throwable t = e; t != null; t = t.getCause()) said.append(t).append('\n');
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void noSecretIsSaidAnywhere(Protocol protocol) throws Exception {
    TestCertificates authority = new TestCertificates("authority");
    Path ca = authority.write(directory.resolve("ca.pem"));
    Issued own = authority.issue("client", "EC");
    // Part of a base64 line of the key, as a log would have it.
    String key = own.keyPem().lines().skip(1).findFirst().orElseThrow().substring(40);
    ClientTls mutual = new ClientTls(false, false, Optional.of(ca.toString()), Optional.empty(), false,
        Optional.empty(), Optional.of(own.certPem()), Optional.empty(), Optional.of(new Secret(own.keyPem())),
        Optional.empty(), "1.2", Optional.empty(), List.of(), Duration.ZERO);
    Path token = Files.writeString(directory.resolve("token"), MARK + "file");
    Path unusable = Files.writeString(directory.resolve("unusable"), MARK + "file\nwith a second line");
    Map<String, Secret> header = Map.of("x-api-key", new Secret(MARK));
    try (Peers peer = Peers.tls(protocol, authority.issue("server", "EC"), Optional.of(ca));
        Peers plain = Peers.plain(protocol);
        TestProxy proxy = new TestProxy().expect("me", MARK)) {
      String at = "127.0.0.1:" + proxy.port();
      peer.refuseNext();
      run(peer.config().tls(mutual).headers(header).bearer(MARK).proxy("http://me:" + MARK + "@" + at));
      plain.refuseNext();
      run(plain.config().headers(header).bearerFile(token.toString()).proxy("http://me:" + MARK + "x@" + at));
      plain.refuseNext();
      run(plain.config().basic("me", MARK));
      run(plain.config().headers(Map.of("x-api-key", new Secret(MARK + "\n"))));
      run(plain.config().bearer(MARK + "\u0000"));
      run(plain.config().bearerFile(unusable.toString()));
      run(peer.config().tls(null).basic("me", MARK));
      assertThat(plain.headers("x-api-key")).as("nothing marked came through the second proxy").doesNotContain(MARK);
      assertThat(peer.headers("x-api-key")).as("the marked secret is used").containsOnly(MARK);
    }
    System.out.flush();
    String everything = said + String.join("\n", context.health()) + printed.toString(StandardCharsets.UTF_8);
    assertThat(everything).contains("the peer does not take the credentials of auth");
    Set<String> secrets = Set.of(MARK, key, base64("me:" + MARK), base64("me:" + MARK + "x"));
    Set<String> lines = everything.lines().filter(l -> secrets.stream().anyMatch(l::contains)).collect(Collectors.toSet());
    assertThat(lines).isEmpty();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
