package io.mop.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The files that a configuration was read from, itself first, and what they held then. */
public final class Sources {
  /** Of a file that cannot be read. */
  private static final String NONE = "";

  /** More than any file that is accepted. */
  private static final int MOST = Configuration.MOST_BYTES + 1;

  private final Map<Path, String> digests = new LinkedHashMap<>();
  private final MessageDigest all = sha256();

  /** At most {@code most} bytes of {@code file}. */
  byte[] read(Path file, int most) throws IOException {
    byte[] bytes;
    try {
      bytes = bytes(file);
    } catch (IOException e) {
      absent(file);
      throw e;
    }
    digests.put(file.toAbsolutePath(), hex(sha256().digest(bytes)));
    all.update(bytes);
    return bytes.length <= most ? bytes : Arrays.copyOf(bytes, most);
  }

  /** {@code file} was looked for and is not there, or is none. */
  void absent(Path file) {
    digests.put(file.toAbsolutePath(), NONE);
  }

  /** SHA-256 in hex of all that was read: of one file what {@code sha256sum} prints. */
  public String hash() {
    try {
      return hex(((MessageDigest) all.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What they held when they were read, by path. */
  public Map<Path, String> then() {
    return Map.copyOf(digests);
  }

  /** What they hold now, comparable with {@link #then}. */
  public Map<Path, String> now() {
    Map<Path, String> now = new LinkedHashMap<>();
    for (Path file : digests.keySet()) {
      String digest = NONE;
      try {
        // a pipe is none: it would wait for a writer
        if (Files.isRegularFile(file)) digest = hex(sha256().digest(bytes(file)));
      } catch (IOException e) {
        digest = NONE;
      }
      now.put(file, digest);
    }
    return now;
  }

  private static byte[] bytes(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(MOST);
    }
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
