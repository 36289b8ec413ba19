package io.mop.assemble;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AssembleTest {
  @TempDir Path dir;
  private BuiltHome home;

  @BeforeEach
  void build() {
    home = new BuiltHome(dir.resolve("mop"));
  }

  private Path assemble(BuiltHome from, String output, String... arguments) {
    List<String> all = new ArrayList<>(List.of("assemble", "-o", dir.resolve(output).toString()));
    all.addAll(List.of(arguments));
    BuiltHome.Result result = from.run(all.toArray(String[]::new));
    assertThat(result.code()).as(result.err()).isZero();
    return dir.resolve(output);
  }

  private static Map<String, TarArchiveEntry> entries(Path tar, Map<String, String> texts) throws Exception {
    Map<String, TarArchiveEntry> entries = new LinkedHashMap<>();
    try (InputStream file = Files.newInputStream(tar);
        TarArchiveInputStream in = new TarArchiveInputStream(new GZIPInputStream(file))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), entry);
        texts.put(
            entry.getName().replaceFirst("^[^/]*/", ""), new String(in.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return entries;
  }

  private static Map<String, String> texts(Path tar) throws Exception {
    Map<String, String> texts = new LinkedHashMap<>();
    entries(tar, texts);
    return texts;
  }

  @Test
  void nineTarsAndTheirSums() throws Exception {
    Path dist = assemble(home, "dist");
    List<String> sums = Files.readAllLines(dist.resolve("SHA256SUMS"));
    assertThat(sums).hasSize(9);
    for (String line : sums) {
      String[] parts = line.split("  ");
      byte[] bytes = Files.readAllBytes(dist.resolve(parts[1]));
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))).isEqualTo(parts[0]);
    }
    assertThat(dist).isDirectoryContaining("glob:**mop-agent-production-1.tar.gz");
    try (var files = Files.list(dist)) {
      assertThat(files).hasSize(10);
    }
  }

  @Test
  void theSameInputGivesTheSameBytesWhereverAndWheneverItIs() throws Exception {
    Path first = assemble(home, "first");
    BuiltHome elsewhere = new BuiltHome(dir.resolve("else/where"));
    try (var files = Files.walk(elsewhere.path)) {
      for (Path file : files.toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
      }
    }
    Path second = assemble(elsewhere, "second");
    assertThat(second.resolve("SHA256SUMS")).hasSameTextualContentAs(first.resolve("SHA256SUMS"));
    home.bundle("io.mop.api", "osgi.service;objectClass=other");
    Path third = assemble(home, "third");
    assertThat(Files.readString(third.resolve("SHA256SUMS")))
        .isNotEqualTo(Files.readString(first.resolve("SHA256SUMS")));
  }

  @Test
  void entriesAreSortedRootsAndOfOneTime() throws Exception {
    Path tar = assemble(home, "dist", "agent", "--env", "dev").resolve("mop-agent-dev-1.tar.gz");
    Map<String, TarArchiveEntry> entries = entries(tar, new LinkedHashMap<>());
    assertThat(List.copyOf(entries.keySet())).isSorted();
    for (TarArchiveEntry entry : entries.values()) {
      assertThat(entry.getLongUserId() + entry.getLongGroupId()).as(entry.getName()).isZero();
      assertThat(entry.getUserName()).isEqualTo("root");
      assertThat(entry.getLastModifiedTime().toInstant()).isEqualTo(Instant.parse("2026-11-01T00:00:00Z"));
      boolean entered = entry.isDirectory() || entry.getName().endsWith("bin/mop");
      int mode = entered ? 0755 : entry.isSymbolicLink() ? 0777 : 0644;
      assertThat(entry.getMode() & 0777).as(entry.getName()).isEqualTo(mode);
    }
    Map<String, String> day = Map.of("SOURCE_DATE_EPOCH", "86400");
    home.run(day, "assemble", "agent", "--env", "dev", "-o", dir.resolve("dist").toString());
    assertThat(entries(tar, new LinkedHashMap<>()).values())
        .allMatch(entry -> entry.getLastModifiedTime().toInstant().equals(Instant.ofEpochSecond(86_400)));
    assertThat(home.run(Map.of("SOURCE_DATE_EPOCH", "today"), "assemble").err())
        .isEqualTo("mop: SOURCE_DATE_EPOCH is \"today\", expected seconds since 1970.\n");
  }

  @Test
  void anAgentHasWhatItsFeatureNamesAndWhatTheEnvironmentSays() throws Exception {
    Map<String, String> texts = texts(assemble(home, "dist", "agent").resolve("mop-agent-production-1.tar.gz"));
    assertThat(texts)
        .containsKeys(
            "bin/mop", "LICENSE", "INSTALL.md", "plugins/", "bundles/jna-1.jar", "bundles/io.mop.bpf-1.jar",
            "lib/picocli-4.jar", "examples/agent.yaml", "examples/debug.yaml", "third-party/jna/META-INF/NOTICE",
            "third-party/licenses/MIT-libffi.txt", "features/agent.yaml")
        .doesNotContainKeys("examples/gateway.yaml", "demo/io.mop.demo-1.jar", "features/all-in-one.json");
    assertThat(texts.get("features/agent.json"))
        .contains("\"io.mop:io.mop.bpf:1\"", "\"start-order\": 20")
        .doesNotContain("prototype");
    assertThat(texts.get("etc/mop.yaml"))
        .contains("${env:MOP_GATEWAY:-gateway.mop.example.com:4317}", "${env:MOP_MEMORY:-40MiB}");
    assertThat(texts.get("etc/mop.env").lines())
        .contains("MOP_FEATURE=agent", "MOP_TRUST=require", "MOP_LOG_FORMAT=json", "MOP_HEAP=88m");
    assertThat(texts.get("systemd/mop.service").lines())
        .contains(
            "Type=notify", "NotifyAccess=main", "WatchdogSec=60", "CapabilityBoundingSet=CAP_BPF CAP_PERFMON",
            "AmbientCapabilities=CAP_BPF CAP_PERFMON", "MemoryMax=256M",
            "CPUQuota=20%", "SystemCallFilter=@system-service bpf perf_event_open", "TimeoutStopSec=25")
        .doesNotContain("PrivateUsers=yes");
    assertThat(texts.get("INSTALL.md"))
        .startsWith("# mop-agent-production-1\n")
        .contains("libbpf1").doesNotContain("@");
  }

  @Test
  void aGatewayHasNeitherPrivilegeNorOthersLicences() throws Exception {
    Map<String, String> texts = texts(assemble(home, "dist", "gateway").resolve("mop-gateway-staging-1.tar.gz"));
    assertThat(texts)
        .containsKeys("bundles/io.mop.plugins.otlp-1.jar", "third-party/licenses/Apache-2.0.txt")
        .doesNotContainKeys(
            "bundles/jna-1.jar", "bundles/io.mop.bpf-1.jar", "third-party/licenses/LGPL-2.1.txt",
            "third-party/licenses/MIT-libffi.txt", "third-party/jna/META-INF/NOTICE");
    assertThat(texts.get("third-party/THIRD-PARTY.txt")).contains("picocli:4 ").doesNotContain("jna", "libffi");
    assertThat(texts.get("systemd/mop.service").lines())
        .contains(
            "Type=exec", "CapabilityBoundingSet=", "AmbientCapabilities=", "PrivateUsers=yes",
            "DynamicUser=yes", "User=mop",
            "SystemCallFilter=@system-service", "MemoryMax=2048M", "EnvironmentFile=-/etc/mop/mop.env");
    assertThat(texts.get("systemd/mop.service")).doesNotContain("Watchdog", "Notify");
    assertThat(texts.get("INSTALL.md")).doesNotContain("libbpf1");
  }

  @Test
  void anAllInOneHasEverythingAndTakesWhatTheMachineHas() throws Exception {
    Map<String, String> texts = texts(assemble(home, "dist", "all-in-one").resolve("mop-all-in-one-dev-1.tar.gz"));
    assertThat(texts).containsKeys("demo/io.mop.demo-1.jar", "examples/gateway.yaml");
    assertThat(texts.get("etc/mop.env")).doesNotContain("MOP_HEAP");
    assertThat(texts.get("systemd/mop.service")).doesNotContain("MemoryMax", "CPUQuota");
  }

  @Test
  void whatCannotBeMadeIsOneSentence() throws Exception {
    assertThat(home.run("assemble", "butler").err())
        .isEqualTo("mop: There is no role butler; expected agent, gateway, all-in-one or all.\n");
    assertThat(home.run("assemble", "--env", "moon").code()).isEqualTo(4);
    Files.delete(home.path.resolve("bundles/io.mop.api-1.jar"));
    BuiltHome.Result result = home.run("assemble", "gateway", "-o", dir.resolve("dist").toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("mop: io.mop:gateway:1 names io.mop.api-1.jar, which is not in ");
    BuiltHome nowhere = new BuiltHome(dir.resolve("none"));
    Files.delete(nowhere.path.resolve("features/environments/dev.json"));
    assertThat(nowhere.run("assemble", "--env", "dev").code()).isEqualTo(4);
  }
}
