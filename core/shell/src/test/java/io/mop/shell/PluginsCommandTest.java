package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.deploy.Deployer;
import io.mop.deploy.Installation;
import io.mop.deploy.Installation.State;
import io.mop.deploy.Refusal;
import io.mop.deploy.Swap;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.launch.Framework;

/**
 * As a client of the socket sees it: a real Gogo runtime, bundles of a real framework, a deployer that notes its calls.
 */
@Timeout(30)
class PluginsCommandTest {
  private static final String DIGEST = "ab".repeat(32);
  private static final Instant SINCE = Instant.parse("2026-11-03T10:00:00.250Z");

  private final List<String> called = new ArrayList<>();
  private final List<Installation> records = new ArrayList<>();
  private Status status;
  private Optional<String> refusal = Optional.empty();
  private Installation outcome = installation("acme.jar", "acme", "1.1.0", State.ACTIVE, "", "processors.acme");
  @TempDir Path dir;
  private Framework framework;
  private PluginsCommand command;
  private GogoSocket socket;

  private final Deployer deployer =
      new Deployer() {
        @Override
        public List<Installation> records() {
          return List.copyOf(records);
        }

        @Override
        public List<Swap> swaps() {
          throw new UnsupportedOperationException();
        }

        @Override
        public Optional<String> problem() {
          return Optional.empty();
        }

        @Override
        public Installation replace(Path jar) throws Refusal {
          return call("replace " + jar);
        }

        @Override
        public Installation rollback(String name) throws Refusal {
          return call("rollback " + name);
        }

        @Override
        public Installation remove(String name) throws Refusal {
          return call("remove " + name);
        }

        @Override
        public String why(Path jar) {
          called.add("why " + jar);
          return jar.getFileName() + " would stand by";
        }

        private Installation call(String what) throws Refusal {
          called.add(what);
          if (refusal.isPresent()) throw new Refusal(refusal.get());
          return outcome;
        }
      };

  private final Control control =
      new IdleControl() {
        @Override
        public Status status() {
          return status;
        }

        @Override
        public void discardState(String path) {
          called.add("discard " + path);
        }
      };

  @BeforeEach
  void open() throws Exception {
    framework =
        new FrameworkFactory()
            .newFramework(
                Map.of("org.osgi.framework.storage", dir.resolve("felix").toString(), "felix.log.level", "0"));
    framework.start();
    long part =
        install(
            "mop:bundles/acme.jar",
            Map.of(
                "Bundle-SymbolicName", "part",
                "Provide-Capability", "mop.linux.cap;name=BPF;list:List<String>=\"a,b\",other;x=1",
                "Require-Capability", "mop.endpoint;filter:=\"(port=4317)\";resolution:=optional"));
    long dropped = install("mop-plugin:acme#" + DIGEST, Map.of("Bundle-SymbolicName", "acme"));
    status =
        new Status(
            "running", 1, 0, 0,
            List.of(
                component("processors.acme", "acme"),
                component("processors.acme/eu", "acme"),
                component("exporters.acme", "acme"),
                component("processors.other", "other")),
            List.of(
                new Status.Plugin(
                    "processor", "acme", "1.0.0", "acme", part, "quarantine", "x".repeat(200) + "\nend", 0, 0, 0, 0),
                new Status.Plugin(
                    "processor", "acme", "1.1.0", "acme", dropped, "active", "", 3, 10_000_000, 3 << 20, 2),
                new Status.Plugin("processor", "other", "0.1.0", "other", 4711, "available", "", 0, 0, 0, 0)),
            List.of(),
            Map.of());
    command = new PluginsCommand(framework.getBundleContext());
    command.control = control;
    command.deployer = deployer;
    socket = new GogoSocket(dir).command("plugins", command);
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
    framework.stop();
    framework.waitForStop(10_000);
  }

  private static Status.Component component(String path, String plugin) {
    return new Status.Component(path, plugin, "1.0.0", true, "", 0);
  }

  private static Installation installation(
      String file, String name, String version, State state, String reason, String... plugins) {
    return new Installation(
        file, name, version, name.isEmpty() ? "" : DIGEST, List.of(plugins), state, SINCE, reason,
        name.isEmpty() ? "" : "listed in trusted.sha256");
  }

  private long install(String location, Map<String, String> headers) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    jar(bytes, headers);
    return framework
        .getBundleContext()
        .installBundle(location, new ByteArrayInputStream(bytes.toByteArray()))
        .getBundleId();
  }

  private static void jar(OutputStream out, Map<String, String> headers) throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
    headers.forEach((k, v) -> manifest.getMainAttributes().putValue(k, v));
    new JarOutputStream(out, manifest).close();
  }

  private Path jar(String file, String symbolicName) throws Exception {
    Path path = dir.resolve(file);
    try (OutputStream out = Files.newOutputStream(path)) {
      jar(out, Map.of("Bundle-SymbolicName", symbolicName));
    }
    return path;
  }

  private String send(String line) throws Exception {
    return socket.send(line);
  }

  private void filesAreThere() {
    records.add(outcome);
    records.add(installation("bad.jar", "", "", State.REFUSED, "bad.jar is empty"));
  }

  @Test
  void pluginsAreATableAndFilesAnother() throws Exception {
    filesAreThere();
    String caps = "mop.linux.cap{list=[a, b],name=BPF}, needs mop.endpoint(port=4317) if there";
    String pad = " ".repeat(caps.length() - 1);
    assertThat(send("mop:plugins"))
        .isEqualTo(
            ("""
            KIND       NAME   VERSION  BUNDLE  STATE       FILE      CAPABILITIES%s  CALLS  CPU ms  CPU µs/CALL  ALLOCATED  ERRORS  REASON
            processor  acme   1.0.0    acme    quarantine  -         %s      0     0.0            -        0 B       0  %s…
            processor  acme   1.1.0    acme    active      acme.jar  -%s      3    10.0      3333.33    3.0 MiB       2
            processor  other  0.1.0    other   available   -         -%s      0     0.0            -        0 B       0

            FILE      BUNDLE  VERSION  STATE    SINCE                 TRUST                     REASON
            acme.jar  acme    1.1.0    active   2026-11-03T10:00:00Z  listed in trusted.sha256
            bad.jar   -       -        refused  2026-11-03T10:00:00Z  -                         bad.jar is empty
            0
            """)
                .formatted(" ".repeat(caps.length() - "CAPABILITIES".length()), caps, "x".repeat(159), pad, pad));
  }

  @Test
  void pluginsAreJson() throws Exception {
    filesAreThere();
    long id = status.plugins().get(1).bundleId();
    assertThat(send("mop:plugins -o json"))
        .contains(
            "\"reason\":\"" + "x".repeat(200) + "\\u000aend\",\"calls\":0,\"cpu_nanos\":0,\"allocated_bytes\":0,"
                + "\"errors\":0,\"file\":null,\"trust\":null,"
                + "\"provides\":[\"mop.linux.cap{list=[a, b],name=BPF}\"],"
                + "\"requires\":[\"mop.endpoint(port=4317) if there\"]}",
            "{\"kind\":\"processor\",\"name\":\"acme\",\"version\":\"1.1.0\",\"bundle\":\"acme\",\"bundle_id\":" + id
                + ",\"state\":\"active\",\"reason\":\"\",\"calls\":3,\"cpu_nanos\":10000000,"
                + "\"allocated_bytes\":3145728,\"errors\":2,\"file\":\"acme.jar\","
                + "\"trust\":\"listed in trusted.sha256\",\"provides\":[],\"requires\":[]}",
            "\"files\":[{\"file\":\"acme.jar\",\"bundle\":\"acme\",\"version\":\"1.1.0\",\"sha256\":\"" + DIGEST
                + "\",\"plugins\":[\"processors.acme\"],\"state\":\"active\",\"since\":\"2026-11-03T10:00:00Z\","
                + "\"trust\":\"listed in trusted.sha256\",\"reason\":\"\"},{\"file\":\"bad.jar\",\"bundle\":\"\"")
        .endsWith(",\"problem\":null}\n0\n");
  }

  @Test
  void aPluginIsOfItsFileAlsoWhileAnotherVersionIsUsed() throws Exception {
    records.add(installation("a.jar", "acme", "1.1.0", State.STANDBY, "2.0.0 from b.jar is installed"));
    assertThat(send("mop:plugins -o json")).containsOnlyOnce("\"file\":\"a.jar\",\"trust\":\"listed");
    records.add(installation("z.jar", "acme", "1.1.0", State.ACTIVE, "", "processors.acme"));
    records.add(installation("zz.jar", "acme", "1.1.0", State.STANDBY, "1.1.0 from z.jar is installed"));
    assertThat(send("mop:plugins -o json")).containsOnlyOnce("\"file\":\"z.jar\",\"trust\":\"listed");
  }

  @ParameterizedTest(name = "mop:plugins {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "rollback processors.acme | rollback processors.acme",
        "rollback acme | rollback acme",
        "remove acme.jar | remove acme.jar",
        "remove bad.jar | remove bad.jar",
      })
  void namesGoToTheDeployer(String args, String call) throws Exception {
    filesAreThere();
    assertThat(send("mop:plugins " + args))
        .isEqualTo("acme.jar (acme 1.1.0) is active: processors.acme; listed in trusted.sha256\n0\n");
    assertThat(called).containsExactly(call);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"replace ", "why "})
  void aJarIsTakenAsItIsNamed(String verb) throws Exception {
    Path jar = jar("it's $a {b,c} *.jar", "acme");
    String answer = send("mop:plugins " + verb + "'" + jar.toString().replace("'", "'\\''") + "'");
    assertThat(answer).endsWith("\n0\n");
    assertThat(called).containsExactly(verb + jar);
  }

  @Test
  void stateIsDiscardedOfWhatUsesThatBundleBeforeItIsReplaced() throws Exception {
    Path jar = jar("new.jar", "acme;foo:=bar");
    assertThat(send("mop:plugins replace " + jar + " --discard-state"))
        .isEqualTo(
            """
            acme.jar (acme 1.1.0) is active: processors.acme; listed in trusted.sha256
            Without the state of processors.acme, processors.acme/eu.
            0
            """);
    assertThat(called).containsExactly("discard processors.acme", "discard processors.acme/eu", "replace " + jar);
    called.clear();
    Path none = jar("none.jar", "other.bundle");
    assertThat(send("mop:plugins replace --discard-state " + none))
        .contains("No component uses a plugin of acme: no state was discarded.\n");
    assertThat(called).containsExactly("replace " + none);
  }

  @Test
  void whatIsNotReplacedIsAFailureWithTheReason() throws Exception {
    Path jar = jar("acme.jar", "acme");
    outcome = installation("acme.jar", "acme", "1.1.0", State.REFUSED, "acme.jar imports sun.misc");
    assertThat(send("mop:plugins replace " + jar)).isEqualTo("mop: acme.jar imports sun.misc\n1\n");
    assertThat(send("mop:plugins replace " + jar + " --discard-state"))
        .isEqualTo(
            "mop: acme.jar imports sun.misc; the next swap still discards the state of processors.acme, "
                + "processors.acme/eu\n1\n");
    outcome = installation("acme.jar", "acme", "1.1.0", State.STANDBY, "1.2.0 from b.jar is installed");
    assertThat(send("mop:plugins replace " + jar))
        .isEqualTo(
            "mop: acme.jar (acme 1.1.0) is standby: 1.2.0 from b.jar is installed; listed in trusted.sha256\n1\n");
    refusal = Optional.of("acme.jar cannot be read: this user has no permission");
    assertThat(send("mop:plugins replace " + jar))
        .isEqualTo("mop: acme.jar cannot be read: this user has no permission\n1\n");
    filesAreThere();
    assertThat(send("mop:plugins rollback acme")).endsWith("no permission\n1\n");
  }

  @Test
  void aFileThatIsNoJarIsLeftToTheDeployer() throws Exception {
    Path jar = Files.writeString(dir.resolve("broken.jar"), "x");
    refusal = Optional.of("broken.jar is not a complete JAR file");
    assertThat(send("mop:plugins replace " + jar + " --discard-state"))
        .isEqualTo("mop: broken.jar is not a complete JAR file\n1\n");
    assertThat(called).containsExactly("replace " + jar);
  }

  @Test
  void whySaysItOfNamesToo() throws Exception {
    filesAreThere();
    assertThat(send("mop:plugins why processors.acme"))
        .isEqualTo(
            "acme.jar (acme 1.1.0) is active: processors.acme; listed in trusted.sha256\n"
                + "acme 1.0.0, a part of MOP, is quarantine: processors.acme; " + "x".repeat(200) + "\nend\n0\n");
    assertThat(send("mop:plugins why bad.jar")).isEqualTo("bad.jar is empty\n0\n");
    assertThat(send("mop:plugins why other"))
        .isEqualTo("other 0.1.0, a part of MOP, is available: processors.other\n0\n");
    assertThat(called).isEmpty();
  }

  @ParameterizedTest(name = "mop:plugins {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "replace /nowhere/x.jar | 4 | There is no file /nowhere/x.jar that MOP can see.",
        "why /nowhere/x.jar | 4 | There is no file /nowhere/x.jar that MOP can see.",
        "rollback none | 4 | There is no plugin \"none\"; the plugins directory has acme, bad.jar.",
        "why none | 4 | There is no plugin \"none\"; the plugins directory has acme, bad.jar.",
        "remove other | 4 | processors.other of other is a part of MOP: it did not come from the plugins directory.",
        "replace x.jar | 2 | JAR \"x.jar\" is relative, expected a path that begins with /.",
        "-o xml | 2 | Output \"xml\" is unknown: expected table or json.",
        "replace | 2 | expected mop:plugins [-o",
        "replace a b | 2 | expected mop:plugins [-o",
        "rollback '' | 2 | expected mop:plugins [-o",
        "rollback acme --discard-state | 2 | expected mop:plugins [-o",
        "-o | 2 | expected mop:plugins [-o",
        "fly away | 2 | expected mop:plugins [-o",
      })
  void whatIsNotThereOrAskedWronglyIsASentence(String args, String code, String message) throws Exception {
    filesAreThere();
    assertThat(send("mop:plugins " + args)).startsWith("mop: " + message).endsWith("\n" + code + "\n");
    assertThat(called).isEmpty();
  }

  @Test
  void withoutADeployerPluginsAreListedAndTheRestSaysSo() throws Exception {
    command.deployer = null;
    Path jar = jar("acme.jar", "acme");
    String sentence = "There is no deployer: no bundle offers io.mop.deploy.Deployer.";
    assertThat(send("mop:plugins")).contains("active").endsWith("\n\nPlugins directory: " + sentence + "\n0\n");
    assertThat(send("mop:plugins -o json")).endsWith("\"files\":[],\"problem\":\"" + sentence + "\"}\n0\n");
    for (String args : List.of("replace " + jar, "rollback acme", "remove acme", "why acme", "why " + jar)) {
      assertThat(send("mop:plugins " + args)).as(args).isEqualTo("mop: " + sentence + "\n1\n");
    }
  }

  @Test
  void withoutAnEngineItSaysSo() throws Exception {
    command.control = null;
    String sentence = "mop: The engine is not running: no bundle offers io.mop.control.Control.\n1\n";
    assertThat(send("mop:plugins")).isEqualTo(sentence);
    assertThat(send("mop:plugins replace --discard-state " + jar("acme.jar", "acme"))).isEqualTo(sentence);
    assertThat(called).isEmpty();
  }
}
