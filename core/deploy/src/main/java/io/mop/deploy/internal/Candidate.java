package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import org.osgi.framework.Version;

/** One complete file of the plugins directory and the verdict on it; another content is another candidate. */
final class Candidate {
  /** What decides between files of one symbolic name: version, then the newer file. */
  record Rank(Version version, long modified, String file) implements Comparable<Rank> {
    private static final Comparator<Rank> ORDER =
        Comparator.comparing(Rank::version).thenComparing(Rank::modified).thenComparing(Rank::file);

    @Override
    public int compareTo(Rank other) {
      return ORDER.compare(this, other);
    }
  }

  final String file;
  final Watch.Stamp stamp;
  final String sha256;
  final Optional<Inspection> inspection;
  private Trust.Verdict trust;
  private Optional<String> refusal;
  private final Why why;

  private enum Why {
    NONE,
    UNREADABLE,
    TRUST,
    CONTENT
  }

  private Candidate(
      String file,
      Watch.Stamp stamp,
      String sha256,
      Optional<Inspection> inspection,
      Trust.Verdict trust,
      Why why,
      Optional<String> refusal) {
    this.file = file;
    this.stamp = stamp;
    this.sha256 = sha256;
    this.inspection = inspection;
    this.trust = trust;
    this.why = why;
    this.refusal = refusal;
  }

  /** Reads {@code path} once, keeps a copy in {@code store} and checks that. */
  static Candidate of(Path path, Watch.Stamp stamp, Store store, Trust trust, Offers offers) {
    String file = path.getFileName().toString();
    Trust.Verdict unknown = new Trust.Verdict(false, "");
    String sha256;
    try {
      sha256 = store.put(Store.read(path));
    } catch (IOException e) {
      String sentence = file + " cannot be read: " + Sentences.of(e);
      return new Candidate(file, stamp, "", Optional.empty(), unknown, Why.UNREADABLE, Optional.of(sentence));
    } catch (Refusal e) {
      return new Candidate(file, stamp, "", Optional.empty(), unknown, Why.CONTENT, Optional.of(e.getMessage()));
    }
    Optional<Inspection> inspection = Optional.empty();
    try {
      inspection = Optional.of(Inspection.of(file, store.path(sha256)));
      Trust.Verdict verdict = trust.check(file, sha256, store.path(sha256));
      if (!verdict.trusted() && trust.policy() == Trust.Policy.REQUIRE) {
        return new Candidate(file, stamp, sha256, inspection, verdict, Why.TRUST, Optional.of(verdict.text()));
      }
      offers.check(inspection.get());
      return new Candidate(file, stamp, sha256, inspection, verdict, Why.NONE, Optional.empty());
    } catch (Refusal e) {
      return new Candidate(file, stamp, sha256, inspection, unknown, Why.CONTENT, Optional.of(e.getMessage()));
    }
  }

  /** Whether the same file may get another verdict now: its trust changed or it could not be read. */
  boolean again(boolean trustChanged) {
    return why == Why.UNREADABLE || why == Why.TRUST && trustChanged;
  }

  void trust(Trust.Verdict verdict) {
    trust = verdict;
  }

  Trust.Verdict trust() {
    return trust;
  }

  /** Until the file changes. */
  void refuse(String sentence) {
    refusal = Optional.of(sentence);
  }

  Optional<String> refusal() {
    return refusal;
  }

  /** Of one that has been inspected. */
  Rank rank() {
    return new Rank(inspection.orElseThrow().version(), stamp.modified().toMillis(), file);
  }

  String name() {
    return inspection.map(Inspection::name).orElse("");
  }

  String version() {
    return inspection.map(i -> i.version().toString()).orElse("");
  }
}
