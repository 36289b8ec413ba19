package io.mop.deploy.internal;

import static io.mop.deploy.Installation.State.ACTIVE;
import static io.mop.deploy.Installation.State.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mop.deploy.Installation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Digests and signatures; keys are made by keytool for the test. */
class TrustTest {
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String UNSIGNED =
      "x.jar is not trusted: it is not signed and its SHA-256 is not in trusted.sha256";
  @TempDir static Path keys;
  private static KeyStore.PrivateKeyEntry acme;
  private static KeyStore.PrivateKeyEntry mallory;
  @TempDir Path home;

  @BeforeAll
  static void makeKeys() throws Exception {
    acme = key("acme");
    mallory = key("mallory");
  }

  private static KeyStore.PrivateKeyEntry key(String name) throws Exception {
    Path store = keys.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", name,
                "-keyalg", "EC", "-dname", "CN=" + name, "-storetype", "PKCS12", "-keystore", store.toString(),
                "-storepass", new String(PASSWORD))
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore loaded = KeyStore.getInstance(store.toFile(), PASSWORD);
    return (KeyStore.PrivateKeyEntry) loaded.getEntry(name, new KeyStore.PasswordProtection(PASSWORD));
  }

  private static byte[] plain() {
    return PluginJar.rename("1.0.0").entry("note.txt", "a note").bytes();
  }

  private static byte[] signed(KeyStore.PrivateKeyEntry key) {
    try {
      Path jar = Files.write(Files.createTempFile(keys, "unsigned", ".jar"), plain());
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (ZipFile file = new ZipFile(jar.toFile())) {
        new JarSigner.Builder(key).build().sign(file, out);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The signed file with its entries changed, in their order. */
  private static byte[] tampered(Consumer<Map<String, byte[]>> change) {
    try {
      Map<String, byte[]> entries = new LinkedHashMap<>();
      try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(signed(acme)))) {
        for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
          entries.put(e.getName(), in.readAllBytes());
        }
      }
      change.accept(entries);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try (ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Map.Entry<String, byte[]> e : entries.entrySet()) {
          zip.putNextEntry(new ZipEntry(e.getKey()));
          zip.write(e.getValue());
        }
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] manifestChanged(Consumer<Manifest> change) {
    return tampered(
        e -> {
          try {
            Manifest manifest = new Manifest(new ByteArrayInputStream(e.get("META-INF/MANIFEST.MF")));
            change.accept(manifest);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            manifest.write(out);
            e.put("META-INF/MANIFEST.MF", out.toByteArray());
          } catch (IOException x) {
            throw new AssertionError(x);
          }
        });
  }

  private static byte[] twice() {
    byte[] jar = tampered(e -> e.put("notf.txt", "another".getBytes()));
    String text = new String(jar, StandardCharsets.ISO_8859_1).replace("notf.txt", "note.txt");
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static Stream<Arguments> files() {
    return Stream.of(
        argumentSet("signed", signed(acme), true, "signed by CN=acme"),
        argumentSet("unsigned", plain(), false, "it is not signed and its SHA-256 is not in trusted.sha256"),
        argumentSet(
            "foreign signer", signed(mallory), false, "it is signed by CN=mallory, who is not in trusted.pem"),
        argumentSet(
            "changed entry",
            tampered(e -> e.put("note.txt", "A NOTE".getBytes())),
            false,
            "it was changed after it was signed: SHA-256 digest error for note.txt"),
        argumentSet(
            "added entry",
            tampered(e -> e.put("acme/More.class", new byte[] {1})),
            false,
            "its entry acme/More.class was added after it was signed"),
        argumentSet(
            "entry added to META-INF",
            tampered(e -> e.put("META-INF/services/acme.Service", "acme.More".getBytes())),
            false,
            "its entry META-INF/services/acme.Service was added after it was signed"),
        argumentSet(
            "removed entry",
            tampered(e -> e.remove("note.txt")),
            false,
            "its entry note.txt was removed after it was signed"),
        argumentSet(
            "entry removed from the manifest too",
            tampered(
                e -> {
                  e.remove("note.txt");
                  e.put("META-INF/MANIFEST.MF", without(e.get("META-INF/MANIFEST.MF"), "note.txt"));
                }),
            false,
            "it was changed after it was signed: no manifest section for signature file entry note.txt"),
        argumentSet(
            "changed manifest",
            manifestChanged(m -> m.getMainAttributes().putValue("Bundle-Activator", "acme.More")),
            false,
            "it was changed after it was signed: Invalid signature file digest for Manifest main attributes"),
        argumentSet(
            "signature taken off",
            tampered(e -> e.keySet().removeIf(n -> n.endsWith(".EC"))),
            false,
            "it is not signed and its SHA-256 is not in trusted.sha256"),
        argumentSet("entry twice", twice(), false, "it has two entries note.txt"));
  }

  private static byte[] without(byte[] manifest, String section) {
    String text = new String(manifest, StandardCharsets.UTF_8);
    return text.replaceAll("Name: " + section + "\r\n[^\r]*\r\n\r\n", "").getBytes(StandardCharsets.UTF_8);
  }

  private static String pem(KeyStore.PrivateKeyEntry key) throws Exception {
    return "# a comment\n-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(key.getCertificate().getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  private Trust trust(Trust.Policy policy) {
    Trust trust = new Trust(policy, home);
    trust.reload();
    return trust;
  }

  private Trust.Verdict check(byte[] jar) throws IOException {
    return trust(Trust.Policy.REQUIRE).check("x.jar", Store.sha256(jar), Files.write(home.resolve("x.jar"), jar));
  }

  @ParameterizedTest
  @MethodSource("files")
  void signatures(byte[] jar, boolean trusted, String text) throws Exception {
    Files.writeString(home.resolve("trusted.pem"), pem(acme));

    assertThat(check(jar)).isEqualTo(new Trust.Verdict(trusted, trusted ? text : "x.jar is not trusted: " + text));
  }

  @Test
  void severalCertificatesMayBeTrusted() throws Exception {
    Files.writeString(home.resolve("trusted.pem"), pem(acme) + pem(mallory));

    assertThat(check(signed(acme)).trusted()).isTrue();
    assertThat(check(signed(mallory)).trusted()).isTrue();
  }

  @Test
  void aListedDigestIsTrusted() throws Exception {
    Files.writeString(
        home.resolve("trusted.sha256"),
        "# ours\n\n" + Store.sha256(plain()).toUpperCase(Locale.ROOT) + "  rename.jar\n");

    assertThat(check(plain())).isEqualTo(new Trust.Verdict(true, "listed in trusted.sha256"));
  }

  @Test
  void aTrustFileThatCannotBeReadTrustsNobody() throws Exception {
    Files.writeString(home.resolve("trusted.sha256"), "rename.jar\n" + Store.sha256(plain()) + "\n");
    Files.writeString(
        home.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    Trust trust = trust(Trust.Policy.WARN);

    assertThat(trust.problems()).hasSize(2);
    assertThat(trust.problems().get(0))
        .isEqualTo("trusted.sha256:1: expected 64 hexadecimal digits and a name");
    assertThat(trust.problems().get(1))
        .startsWith("trusted.pem cannot be read, expected X.509 certificates in PEM form: ");
    assertThat(check(plain()).trusted()).isTrue();
    assertThat(check(signed(acme)).trusted()).isFalse();
  }

  @Test
  void theFilesAreReadAgainWhenTheyChange() throws Exception {
    Trust trust = trust(Trust.Policy.WARN);
    assertThat(trust.reload()).isFalse();
    Files.writeString(home.resolve("trusted.sha256"), "");
    assertThat(trust.reload()).isTrue();
    assertThat(trust.reload()).isFalse();
    Files.delete(home.resolve("trusted.sha256"));
    assertThat(trust.reload()).isTrue();
  }

  @Test
  void policiesHaveNames() {
    assertThat(Trust.Policy.of("off")).isEqualTo(Trust.Policy.OFF);
    assertThat(Trust.Policy.of("warn")).isEqualTo(Trust.Policy.WARN);
    assertThat(Trust.Policy.of("require")).isEqualTo(Trust.Policy.REQUIRE);
    assertThatThrownBy(() -> Trust.Policy.of("on"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("mop.plugins.trust is \"on\", expected off, warn or require");
  }

  private Installation drop(Trust.Policy policy, Installation.State state) throws Exception {
    Bench bench = new Bench(home, policy, Duration.ofSeconds(10));
    try {
      bench.start();
      bench.copy("x.jar", plain());
      return bench.await("x.jar", state);
    } finally {
      bench.close();
    }
  }

  @Test
  void offInstallsWithoutACheck() throws Exception {
    assertThat(drop(Trust.Policy.OFF, ACTIVE).trust()).isEqualTo("not checked");
  }

  @Test
  void warnInstallsAndSaysIt() throws Exception {
    assertThat(drop(Trust.Policy.WARN, ACTIVE).trust()).isEqualTo(UNSIGNED);
  }

  @Test
  void requireRefuses() throws Exception {
    assertThat(drop(Trust.Policy.REQUIRE, REFUSED).reason()).isEqualTo(UNSIGNED);
  }

  @Test
  void requireInstallsAsSoonAsTheDigestIsListedOrTheSignerPinned() throws Exception {
    Bench bench = new Bench(home, Trust.Policy.REQUIRE, Duration.ofSeconds(10));
    try {
      bench.start();
      bench.copy("x.jar", plain());
      bench.copy("y.jar", signed(mallory));
      bench.await("x.jar", REFUSED);
      bench.await("y.jar", REFUSED);
      bench.copy("trusted.sha256", (Store.sha256(plain()) + "  x.jar\n").getBytes());
      assertThat(bench.await("x.jar", ACTIVE).trust()).isEqualTo("listed in trusted.sha256");
      bench.copy("trusted.pem", pem(mallory).getBytes());
      assertThat(bench.await("y.jar", ACTIVE).trust()).isEqualTo("signed by CN=mallory");
      Files.delete(bench.plugins.resolve("trusted.pem"));
      Await.until(bench::states, () -> bench.record("y.jar", ACTIVE).orElseThrow().trust().contains("not trusted"));
    } finally {
      bench.close();
    }
  }

  @Test
  void nothingOfARefusedFileIsRun() throws Exception {
    Bench bench = new Bench(home, Trust.Policy.REQUIRE, Duration.ofSeconds(10));
    try {
      bench.start();
      bench.copy("x.jar", PluginJar.rename("1.0.0").with("Test-Start", "throw").bytes());
      assertThat(bench.await("x.jar", REFUSED).reason()).isEqualTo(UNSIGNED);
      assertThat(bench.installed()).isEmpty();
    } finally {
      bench.close();
    }
  }
}
