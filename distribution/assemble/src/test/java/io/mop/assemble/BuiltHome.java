package io.mop.assemble;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import picocli.CommandLine;

/** A small built MOP with the checkout's environments. */
final class BuiltHome {
  static final Path FEATURES = Path.of("../../features");
  final Path path;

  /** How a command ended and what it printed. */
  record Result(int code, String out, String err) {}

  BuiltHome(Path path) {
    this.path = path;
    write("bin/mop", "#!/bin/sh\n");
    write("LICENSE", "MIT\n");
    write("examples/agent.yaml", "agent\n");
    write("examples/gateway.yaml", "gateway\n");
    write("examples/debug.yaml", "debug\n");
    jar("lib/io.mop.launcher-1.jar", Map.of());
    jar("lib/picocli-4.jar", Map.of());
    jar("demo/io.mop.demo-1.jar", Map.of());
    bundle("io.mop.api", "");
    bundle("jna", "");
    bundle("io.mop.bpf", "mop.linux.cap;name=PERFMON,mop.linux.cap;name=BPF,mop.host.namespace;name=pid,"
        + "mop.service.notify;protocol=systemd");
    bundle(
        "io.mop.plugins.otlp",
        "mop.endpoint;name=otlp-grpc;port:Long=4317;protocol=grpc;direction=in,osgi.service;objectClass=x");
    write("third-party/THIRD-PARTY.txt", """
        Works of others.

        work (group:artifact:version)   licence  home
        info.picocli:picocli:4          Apache-2.0  https://picocli.info
        net.java.dev.jna:jna:1          LGPL-2.1    https://github.com/java-native-access/jna

        jna: contains libffi (licenses/MIT-libffi.txt).
        """);
    for (String licence : new String[] {"Apache-2.0", "LGPL-2.1", "MIT-libffi"}) {
      write("third-party/licenses/" + licence + ".txt", licence + "\n");
    }
    write("third-party/jna/META-INF/NOTICE", "notice\n");
    write("features/all-in-one.json", """
        { "id": "io.mop:all-in-one:1", "name": "all", "complete": true, "bundles": [
          { "id": "net.java.dev.jna:jna:1", "start-order": 10 },
          { "id": "io.mop:io.mop.api:1", "start-order": 20 }, { "id": "io.mop:io.mop.bpf:1", "start-order": 20 },
          { "id": "io.mop:io.mop.plugins.otlp:1", "start-order": 30 } ] }
        """);
    write("features/agent.json", """
        { "id": "io.mop:agent:1", "prototype": { "id": "io.mop:all-in-one:1" } }
        """);
    write("features/gateway.json", """
        { "id": "io.mop:gateway:1", "prototype": { "id": "io.mop:all-in-one:1",
          "removals": { "bundles": [ "net.java.dev.jna:jna", "io.mop:io.mop.bpf" ] } } }
        """);
    for (Role role : Role.values()) {
      copy(FEATURES.resolve(role.id() + ".yaml"), "features/" + role.id() + ".yaml");
    }
    try (Stream<Path> files = Files.list(FEATURES.resolve("environments"))) {
      files.forEach(file -> copy(file, "features/environments/" + file.getFileName()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void bundle(String name, String capabilities) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Bundle-SymbolicName", name);
    if (!capabilities.isEmpty()) {
      headers.put("Provide-Capability", capabilities);
    }
    jar("bundles/" + name + "-1.jar", headers);
  }

  Path jar(String name, Map<String, String> headers) {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach(manifest.getMainAttributes()::putValue);
    Path file = write(name, "");
    try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out)) {
      ZipEntry entry = new ZipEntry("META-INF/MANIFEST.MF");
      entry.setTimeLocal(LocalDateTime.of(2026, 11, 1, 0, 0));
      jar.putNextEntry(entry);
      manifest.write(jar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  Path write(String name, String text) {
    try {
      Path file = path.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      if (name.startsWith("bin/")) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void copy(Path from, String to) {
    try {
      write(to, Files.readString(from));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Result run(Map<String, String> env, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine(new Main(path, env));
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = line.execute(arguments);
    return new Result(code, out.toString(), err.toString());
  }

  Result run(String... arguments) {
    return run(Map.of(), arguments);
  }
}
