package io.mop.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** A distribution of bundles made for a test. */
public final class TestHome {
  private final Path home;
  private final List<String> entries = new ArrayList<>();

  public TestHome(Path home) throws IOException {
    this.home = Files.createDirectories(home);
    Files.createDirectories(home.resolve("bundles"));
    Files.createDirectories(home.resolve("features"));
  }

  public Path path() {
    return home;
  }

  public TestHome commands(String commands) throws IOException {
    return bundle(
        "commands",
        Map.of("Bundle-Activator", TestCommand.class.getName(), "Test-Commands", commands),
        TestCommand.class);
  }

  public TestHome bundle(String name, Map<String, String> headers, Class<?>... classes) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    main.putValue("Bundle-SymbolicName", name);
    main.putValue("Bundle-Version", "1.0.0");
    main.putValue("Import-Package", "org.osgi.framework");
    headers.forEach(main::putValue);
    try (OutputStream out = Files.newOutputStream(home.resolve("bundles").resolve(name + "-1.0.0.jar"));
        JarOutputStream jar = new JarOutputStream(out, manifest)) {
      for (Class<?> type : classes) {
        String path = type.getName().replace('.', '/') + ".class";
        jar.putNextEntry(new ZipEntry(path));
        try (InputStream in = type.getClassLoader().getResourceAsStream(path)) {
          in.transferTo(jar);
        }
        jar.closeEntry();
      }
    }
    return entry(name);
  }

  /** Names a bundle in the feature; without {@link #bundle} its file is missing. */
  public TestHome entry(String name) throws IOException {
    entries.add("{ \"id\": \"test:" + name + ":1.0.0\", \"start-order\": 20 }");
    Files.writeString(
        home.resolve("features/test.json"),
        "{ \"id\": \"test:test:1.0.0\", \"bundles\": [ " + String.join(", ", entries) + " ] }");
    return this;
  }
}
