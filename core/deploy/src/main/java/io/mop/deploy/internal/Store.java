package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/**
 * Private copies of plugin files, by digest. A file is read once; what is verified and what is installed is the copy,
 * whatever becomes of the file meanwhile.
 */
final class Store {
  /** Largest plugin, in bytes. */
  static final long LIMIT = 64L << 20;

  private final Path directory;

  Store(Path directory) throws IOException {
    this.directory = Files.createDirectories(directory);
  }

  /**
   * The bytes of a plugin file.
   *
   * @throws Refusal if it is larger than {@link #LIMIT}
   */
  static byte[] read(Path file) throws IOException, Refusal {
    long size = Files.size(file);
    if (size > LIMIT) {
      throw new Refusal(
          file.getFileName() + " has " + size + " bytes; a plugin may have at most " + LIMIT + " (64 MiB)");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes((int) LIMIT + 1);
      if (bytes.length > LIMIT) throw new Refusal(file.getFileName() + " grew beyond 64 MiB while it was read");
      return bytes;
    }
  }

  /** Keeps {@code bytes}; returns their SHA-256. */
  String put(byte[] bytes) throws IOException {
    String sha256 = sha256(bytes);
    Files.write(path(sha256), bytes);
    return sha256;
  }

  Path path(String sha256) {
    return directory.resolve(sha256 + ".jar");
  }

  /** Deletes all copies but these. */
  void retain(Set<String> digests) throws IOException {
    try (DirectoryStream<Path> copies = Files.newDirectoryStream(directory, "*.jar")) {
      for (Path copy : copies) {
        String name = copy.getFileName().toString();
        if (!digests.contains(name.substring(0, name.length() - 4))) Files.deleteIfExists(copy);
      }
    }
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
