package io.mop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Versions of one plugin: the same JAR with another Bundle-Version each. */
final class Versions {
  private final Path jar;
  private final String name;
  private final Path plugins;
  private final Path outside;

  /**
   * @param jar the plugin as built
   * @param name of its files, without {@code .jar}
   * @param plugins the plugins directory
   * @param outside a directory for JARs that are given to {@code mop plugins replace}
   */
  Versions(Path jar, String name, Path plugins, Path outside) throws IOException {
    this.jar = jar;
    this.name = name;
    this.plugins = plugins;
    this.outside = Files.createDirectories(outside);
  }

  /** In the plugins directory. */
  Path file() {
    return plugins.resolve(name + ".jar");
  }

  /** Puts a version into the plugins directory, complete at once: written under another name and renamed. */
  void drop(String version) throws IOException {
    Path written = write(version, plugins.resolve("." + name + ".tmp"));
    Files.move(written, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** A version's JAR outside of the plugins directory, by the name of the one there. */
  Path prepare(String version) throws IOException {
    return write(version, outside.resolve(name + ".jar"));
  }

  private Path write(String version, Path target) throws IOException {
    try (JarFile from = new JarFile(jar.toFile())) {
      Manifest manifest = from.getManifest();
      manifest.getMainAttributes().putValue("Bundle-Version", version);
      try (OutputStream out = Files.newOutputStream(target); JarOutputStream to = new JarOutputStream(out, manifest)) {
        for (var entries = from.entries(); entries.hasMoreElements(); ) {
          JarEntry entry = entries.nextElement();
          if (entry.getName().equals(JarFile.MANIFEST_NAME)) continue;
          to.putNextEntry(new JarEntry(entry.getName()));
          try (InputStream in = from.getInputStream(entry)) {
            in.transferTo(to);
          }
          to.closeEntry();
        }
      }
    }
    return target;
  }
}
