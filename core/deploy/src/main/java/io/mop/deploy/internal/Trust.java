package io.mop.deploy.internal;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/**
 * Whether a plugin comes from somebody that the operator trusts: its digest is in {@code trusted.sha256} (lines as
 * sha256sum writes them, {@code #} for comments), or all of it is signed by a certificate in {@code trusted.pem}. The
 * certificates are pinned: an issuer is not asked and an end of validity not looked at; a certificate is withdrawn by
 * deleting it from the file.
 */
final class Trust {
  static final String DIGESTS = "trusted.sha256";
  static final String CERTIFICATES = "trusted.pem";
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{64})(\\s+.*)?");
  private static final Pattern SIGNATURE_FILE =
      Pattern.compile("META-INF/(MANIFEST\\.MF|SIG-[^/]*|[^/]*\\.(SF|RSA|DSA|EC))", Pattern.CASE_INSENSITIVE);
  // A small file can unpack to a great deal; what a plugin needs is far below.
  private static final long UNPACKED_LIMIT = 1L << 30;

  /** What an untrusted plugin means. */
  enum Policy {
    OFF,
    WARN,
    REQUIRE;

    static Policy of(String text) {
      return switch (text) {
        case "off" -> OFF;
        case "warn" -> WARN;
        case "require" -> REQUIRE;
        default -> throw new IllegalArgumentException(
            "mop.plugins.trust is \"" + text + "\", expected off, warn or require");
      };
    }
  }

  /** @param text a sentence starting with the file name if not trusted, else a phrase */
  record Verdict(boolean trusted, String text) {}

  private final Policy policy;
  private final Path directory;
  private Optional<Watch.Stamp> digestsStamp = Optional.empty();
  private Optional<Watch.Stamp> certificatesStamp = Optional.empty();
  private Set<String> digests = Set.of();
  private Set<Certificate> certificates = Set.of();
  private final List<String> problems = new ArrayList<>();

  Trust(Policy policy, Path directory) {
    this.policy = policy;
    this.directory = directory;
  }

  Policy policy() {
    return policy;
  }

  /** One sentence a line or file that cannot be used. */
  List<String> problems() {
    return List.copyOf(problems);
  }

  /** Reads the trust files if they changed; returns whether they did. */
  boolean reload() {
    if (policy == Policy.OFF) return false;
    Optional<Watch.Stamp> digestsNow = Watch.stamp(directory.resolve(DIGESTS));
    Optional<Watch.Stamp> certificatesNow = Watch.stamp(directory.resolve(CERTIFICATES));
    if (digestsNow.equals(digestsStamp) && certificatesNow.equals(certificatesStamp)) return false;
    digestsStamp = digestsNow;
    certificatesStamp = certificatesNow;
    problems.clear();
    digests = readDigests(directory.resolve(DIGESTS));
    certificates = readCertificates(directory.resolve(CERTIFICATES));
    return true;
  }

  private Set<String> readDigests(Path file) {
    Set<String> read = new HashSet<>();
    try {
      int number = 0;
      for (String line : Files.readAllLines(file)) {
        number++;
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#")) continue;
        var match = LINE.matcher(text);
        if (match.matches()) read.add(match.group(1).toLowerCase(Locale.ROOT));
        else problems.add(DIGESTS + ":" + number + ": expected 64 hexadecimal digits and a name");
      }
    } catch (NoSuchFileException e) {
      return Set.of();
    } catch (IOException e) {
      problems.add(DIGESTS + " cannot be read: " + Sentences.of(e));
    }
    return read;
  }

  private Set<Certificate> readCertificates(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return new HashSet<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
    } catch (NoSuchFileException e) {
      return Set.of();
    } catch (IOException e) {
      problems.add(CERTIFICATES + " cannot be read: " + Sentences.of(e));
    } catch (CertificateException e) {
      problems.add(CERTIFICATES + " cannot be read, expected X.509 certificates in PEM form: " + Sentences.of(e));
    }
    return Set.of();
  }

  /** @param jar a copy that does not change, of that digest */
  Verdict check(String file, String sha256, Path jar) {
    if (policy == Policy.OFF) return new Verdict(true, "not checked");
    if (digests.contains(sha256)) return new Verdict(true, "listed in " + DIGESTS);
    try (JarFile opened = new JarFile(jar.toFile(), true, ZipFile.OPEN_READ)) {
      return signature(file, opened);
    } catch (SecurityException e) {
      return no(file, "it was changed after it was signed: " + e.getMessage());
    } catch (IOException | RuntimeException e) {
      return no(file, "its signature cannot be read: " + Sentences.of(e));
    }
  }

  private Verdict signature(String file, JarFile jar) throws IOException {
    Set<String> names = new HashSet<>();
    Optional<X509Certificate> signer = Optional.empty();
    Optional<String> unsigned = Optional.empty();
    long unpacked = 0;
    List<JarEntry> entries = Collections.list(jar.entries());
    for (JarEntry entry : entries) {
      if (!names.add(entry.getName())) return no(file, "it has two entries " + entry.getName());
    }
    for (JarEntry entry : entries) {
      String name = entry.getName();
      if (entry.isDirectory() || SIGNATURE_FILE.matcher(name).matches()) continue;
      unpacked += read(jar, entry, UNPACKED_LIMIT - unpacked);
      if (unpacked >= UNPACKED_LIMIT) return no(file, "it unpacks to more than 1 GiB");
      List<X509Certificate> signers = signers(entry);
      if (signers.isEmpty()) {
        unsigned = Optional.of(name);
        continue;
      }
      Optional<X509Certificate> pinned = signers.stream().filter(certificates::contains).findFirst();
      if (pinned.isEmpty()) {
        return no(file, "it is signed by " + subject(signers.get(0)) + ", who is not in " + CERTIFICATES);
      }
      signer = pinned;
    }
    if (signer.isEmpty()) return no(file, "it is not signed and its SHA-256 is not in " + DIGESTS);
    if (unsigned.isPresent()) return no(file, "its entry " + unsigned.get() + " was added after it was signed");
    for (Map.Entry<String, Attributes> section : jar.getManifest().getEntries().entrySet()) {
      // JarFile checks what is there; only the manifest knows what was there.
      boolean digested = section.getValue().keySet().stream().anyMatch(k -> k.toString().endsWith("-Digest"));
      if (digested && !names.contains(section.getKey())) {
        return no(file, "its entry " + section.getKey() + " was removed after it was signed");
      }
    }
    return new Verdict(true, "signed by " + subject(signer.get()));
  }

  private static long read(JarFile jar, JarEntry entry, long limit) throws IOException {
    byte[] buffer = new byte[16 << 10];
    long total = 0;
    try (InputStream in = jar.getInputStream(entry)) {
      for (int n = in.read(buffer); n >= 0 && total < limit; n = in.read(buffer)) total += n;
    }
    return total;
  }

  private static List<X509Certificate> signers(JarEntry entry) {
    List<X509Certificate> found = new ArrayList<>();
    CodeSigner[] signers = entry.getCodeSigners();
    if (signers == null) return found;
    for (CodeSigner signer : signers) {
      if (signer.getSignerCertPath().getCertificates().get(0) instanceof X509Certificate c) found.add(c);
    }
    return found;
  }

  private static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  private static Verdict no(String file, String why) {
    return new Verdict(false, file + " is not trusted: " + why);
  }
}
