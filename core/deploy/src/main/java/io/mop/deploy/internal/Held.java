package io.mop.deploy.internal;

import org.osgi.framework.Bundle;
import org.osgi.framework.Version;

/** A plugin bundle that the deployer has installed. */
final class Held {
  final Bundle bundle;
  final String name;
  final Version version;
  final String sha256;
  private Candidate.Rank rank;
  private String trust;

  /** @param rank of the file it came from; the file name is empty if it is not known */
  Held(Bundle bundle, String sha256, Candidate.Rank rank, String trust) {
    this.bundle = bundle;
    this.name = bundle.getSymbolicName();
    this.version = bundle.getVersion();
    this.sha256 = sha256;
    this.rank = rank;
    this.trust = trust;
  }

  /** The same content is (now) in that file. */
  void from(Candidate candidate) {
    rank = candidate.rank();
    trust = candidate.trust().text();
  }

  String file() {
    return rank.file();
  }

  Candidate.Rank rank() {
    return rank;
  }

  String trust() {
    return trust;
  }

  /** Whether the engine prefers it to {@code other} while both are installed. */
  boolean outranks(Held other) {
    int order = version.compareTo(other.version);
    return order != 0 ? order > 0 : bundle.getBundleId() > other.bundle.getBundleId();
  }
}
