package io.mop.capture;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a process encrypts with, by the files that it has mapped and by how its program was built. */
enum TlsLibrary {
  OPENSSL("OpenSSL", "libssl(-[0-9a-f]+)?\\.so.*"),
  GNUTLS("GnuTLS", "libgnutls\\.so.*"),
  NSS("NSS", "lib(nss3|ssl3)\\.so.*"),
  MBED_TLS("Mbed TLS", "libmbedtls\\.so.*"),
  WOLFSSL("wolfSSL", "libwolfssl\\.so.*"),
  JSSE("Java's own TLS (JSSE)", "libjvm\\.so"),
  NODE("the OpenSSL inside Node.js", "node(js)?"),
  GO("Go crypto/tls", "");

  private final String title;
  private final Pattern file;

  TlsLibrary(String title, String file) {
    this.title = title;
    this.file = Pattern.compile(file);
  }

  /** What becomes of what this library encrypts: goes on after what was found. */
  String meaning() {
    return "what it encrypts is not readable without a TLS probe";
  }

  /**
   * A sentence on what the process encrypts with, and what that means.
   *
   * @param proc a proc file system
   */
  static String sentence(Path proc, int pid) {
    Path maps = proc.resolve(pid + "/maps");
    try (BufferedReader in = Files.newBufferedReader(maps, StandardCharsets.ISO_8859_1)) {
      Optional<String> mapped = in.lines().flatMap(TlsLibrary::path).distinct().flatMap(TlsLibrary::found).findFirst();
      if (mapped.isPresent()) return mapped.get();
    } catch (IOException e) {
      return "TLS: which library it has cannot be told: " + maps + " may not be read (CAP_SYS_PTRACE)";
    }
    if (GoBinary.file(proc.resolve(pid + "/exe"))) return "TLS: " + GO.title + ": " + GO.meaning();
    return "TLS: no library is mapped; one that is built into the program cannot be told";
  }

  /** The file of a line of maps: what follows five columns. */
  private static Stream<String> path(String line) {
    int at = line.indexOf('/');
    return at < 0 ? Stream.empty() : Stream.of(line.substring(at));
  }

  private static Stream<String> found(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1).replaceFirst(" \\(deleted\\)$", "");
    for (TlsLibrary l : values()) {
      Matcher m = l.file.matcher(name);
      if (m.matches()) return Stream.of("TLS: " + l.title + " (" + path + ") is mapped: " + l.meaning());
    }
    return Stream.empty();
  }
}
