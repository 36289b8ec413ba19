package io.mop.sdk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * A directory that Maven reads as a remote repository. The same content always makes the same files. Layout and metadata:
 * <a href="https://maven.apache.org/repositories/layout.html">Maven's repository layout</a>.
 */
final class MavenRepository {
  private static final String GROUP = "io.mop";

  private final Path directory;
  private final String version;
  private final String date;

  /**
   * @param date of a SNAPSHOT, {@code yyyymmdd.hhmmss}
   */
  MavenRepository(Path directory, String version, String date) {
    this.directory = directory;
    this.version = version;
    this.date = date;
  }

  /**
   * Adds an artifact.
   *
   * @param files by what follows the version in their names, e.g. {@code .pom} or {@code -sources.jar}
   */
  void add(String artifact, Map<String, byte[]> files) throws IOException {
    Path home = directory.resolve(GROUP.replace('.', '/')).resolve(artifact).resolve(version);
    Files.createDirectories(home);
    String fileVersion = version;
    if (version.endsWith("-SNAPSHOT")) {
      // The build number is a checksum: Maven keeps what it has of a number, and must notice that another MOP was built.
      long number = checksum(files);
      String stamp = date + "-" + number;
      fileVersion = version.replace("SNAPSHOT", stamp);
      write(home.resolve("maven-metadata.xml"), metadata(artifact, number).getBytes(StandardCharsets.UTF_8));
    }
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      write(home.resolve(artifact + "-" + fileVersion + file.getKey()), file.getValue());
    }
  }

  private static long checksum(Map<String, byte[]> files) {
    CRC32 crc = new CRC32();
    new TreeMap<>(files).values().forEach(crc::update);
    return crc.getValue() & Integer.MAX_VALUE;
  }

  private String metadata(String artifact, long number) {
    return """
        <?xml version="1.0" encoding="UTF-8"?>
        <metadata modelVersion="1.1.0">
          <groupId>%s</groupId>
          <artifactId>%s</artifactId>
          <version>%s</version>
          <versioning>
            <snapshot>
              <timestamp>%s</timestamp>
              <buildNumber>%d</buildNumber>
            </snapshot>
            <lastUpdated>%s</lastUpdated>
          </versioning>
        </metadata>
        """.formatted(GROUP, artifact, version, date, number, date.replace(".", ""));
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.write(file, content);
    try {
      byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(content);
      Files.writeString(file.resolveSibling(file.getFileName() + ".sha1"), HexFormat.of().formatHex(sha1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java platform has it
    }
  }
}
