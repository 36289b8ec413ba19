package io.mop.deploy.internal;

import io.mop.deploy.Refusal;
import io.mop.deploy.Swap;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * All versions of one plugin: the one in use and, for the rollback window, the one before it. A version takes over
 * beside the one in use; that one goes only when the engine has taken its successor.
 */
final class Group {
  /** For a version that lost its place to one that the engine would rank lower. */
  private static final String SET_ASIDE = "set aside for another version";

  private final String name;
  private final Bundles bundles;
  private final Store store;
  private final Journal journal;
  private final Duration window;
  private Optional<Held> current = Optional.empty();
  private Optional<Held> previous = Optional.empty();
  private Instant until = Instant.MAX;

  Group(String name, Bundles bundles, Store store, Journal journal, Duration window) {
    this.name = name;
    this.bundles = bundles;
    this.store = store;
    this.journal = journal;
    this.window = window;
  }

  String name() {
    return name;
  }

  Optional<Held> current() {
    return current;
  }

  Optional<Held> previous() {
    return previous;
  }

  /** When the version before is uninstalled. */
  Instant until() {
    return until;
  }

  /** Versions that an earlier deployer left: the best goes on, others are not needed. */
  void adopt(List<Held> installed) {
    for (Held held : installed) {
      if (current.isEmpty()) {
        current = Optional.of(held);
      } else if (held.outranks(current.get())) {
        bundles.discard(current.get());
        current = Optional.of(held);
      } else {
        bundles.discard(held);
      }
    }
  }

  /**
   * Makes the best file the one in use.
   *
   * @param files of this plugin
   * @param present whether a file of that name is there that does not stand for another plugin or version, such as one
   *     that was overwritten by something that was refused
   */
  void reconcile(List<Candidate> files, Predicate<Held> present) {
    if (previous.isPresent() && current.flatMap(bundles::quarantine).isPresent()) turnBack(files);
    while (true) {
      boolean tripped = current.flatMap(bundles::quarantine).isPresent();
      boolean stays = current.filter(present).isPresent();
      Optional<Candidate> best =
          best(files.stream().filter(c -> !tripped || !c.sha256.equals(current.get().sha256)));
      if (best.isEmpty()) {
        if (!stays) remove();
        return;
      }
      Candidate candidate = best.get();
      if (current.isPresent() && current.get().sha256.equals(candidate.sha256)) {
        current.get().from(candidate);
        return;
      }
      if (stays && !tripped && current.get().rank().compareTo(candidate.rank()) > 0) return;
      Instant began = journal.now();
      try {
        Held next = engage(candidate);
        if (tripped) refuse(files, current.get());
        succeed(candidate, next, began, stays, tripped);
        return;
      } catch (Refusal e) {
        candidate.refuse(e.getMessage());
        journal.add(
            began, candidate.file, name, version(current), candidate.version(), Swap.Outcome.REFUSED, e.getMessage());
      }
    }
  }

  private static Optional<Candidate> best(Stream<Candidate> files) {
    return files.filter(c -> c.refusal().isEmpty()).max(Comparator.comparing(Candidate::rank));
  }

  /** The engine no longer uses the current version: the one before is the current one again. */
  private void turnBack(List<Candidate> files) {
    Instant began = journal.now();
    Held bad = current.orElseThrow();
    Held back = previous.orElseThrow();
    String sentence = refuse(files, bad);
    bundles.release(back);
    current = previous;
    previous = Optional.empty();
    bundles.discard(bad);
    journal.add(began, bad.file(), name, text(bad), text(back), Swap.Outcome.ROLLED_BACK, sentence);
  }

  private String refuse(List<Candidate> files, Held tripped) {
    String sentence =
        tripped.file() + " was taken back by the engine: " + bundles.quarantine(tripped).orElse("no reason given");
    files.stream().filter(c -> c.sha256.equals(tripped.sha256)).forEach(c -> c.refuse(sentence));
    return sentence;
  }

  private void succeed(Candidate candidate, Held next, Instant began, boolean stays, boolean tripped) {
    Optional<Held> old = current;
    previous.filter(p -> p != next).ifPresent(bundles::discard);
    previous = Optional.empty();
    current = Optional.of(next);
    if (old.isEmpty()) {
      journal.add(began, candidate.file, name, "", text(next), Swap.Outcome.INSTALLED, "");
      return;
    }
    // A deleted file is not to come back; one that was overwritten may.
    boolean better = old.get().rank().compareTo(candidate.rank()) > 0;
    boolean removed = !stays && better && !old.get().file().equals(next.file());
    if (removed || tripped) {
      bundles.discard(old.get());
    } else {
      previous = old;
      until = journal.now().plus(window);
    }
    Swap.Outcome outcome = removed ? Swap.Outcome.REMOVED : Swap.Outcome.REPLACED;
    journal.add(began, removed ? old.get().file() : candidate.file, name, text(old.get()), text(next), outcome, "");
  }

  /**
   * Installs and starts {@code candidate} beside what runs and has the engine use it.
   *
   * @throws Refusal what ran before runs again
   */
  private Held engage(Candidate candidate) throws Refusal {
    Optional<Held> known = previous.filter(p -> p.sha256.equals(candidate.sha256));
    if (known.isPresent()) {
      engage(known.get());
      known.get().from(candidate);
      return known.get();
    }
    Held next = bundles.install(candidate, store.path(candidate.sha256));
    try {
      bundles.start(next);
      prefer(next);
      return next;
    } catch (Refusal e) {
      bundles.discard(next);
      throw e;
    }
  }

  /** The same with a version that is still installed. */
  private void engage(Held known) throws Refusal {
    bundles.release(known);
    bundles.settle();
    prefer(known);
  }

  private void prefer(Held next) throws Refusal {
    List<Held> aside = new ArrayList<>();
    try {
      for (Held other : Stream.concat(current.stream(), previous.stream()).toList()) {
        if (other != next && other.outranks(next) && bundles.quarantine(other).isEmpty()) {
          bundles.quarantine(other, SET_ASIDE);
          aside.add(other);
        }
      }
      bundles.settle();
      Optional<String> refused = bundles.quarantine(next);
      if (refused.isPresent()) throw new Refusal(next.file() + " was refused by the engine: " + refused.get());
    } catch (Refusal e) {
      aside.forEach(bundles::release);
      bundles.settle();
      throw e;
    }
  }

  /**
   * The version before takes over again, or else the best other file.
   *
   * @return what was in use
   */
  Held rollBack(List<Candidate> files) throws Refusal {
    Held bad = current.orElseThrow(() -> new Refusal(name + " is not installed"));
    Optional<Candidate> other = best(files.stream().filter(c -> !c.sha256.equals(bad.sha256)));
    if (previous.isEmpty() && other.isEmpty()) {
      throw new Refusal(name + " has no version to go back to: the one before stays for " + window.toSeconds()
          + " s after a swap, and no other file has one; removing it brings back the one that MOP ships, if there is"
          + " one");
    }
    Instant began = journal.now();
    Held back;
    if (previous.isPresent()) {
      back = previous.get();
      engage(back);
    } else {
      back = engage(other.get());
    }
    current = Optional.of(back);
    previous = Optional.empty();
    bundles.discard(bad);
    String sentence = bad.file() + " was rolled back by command";
    files.stream().filter(c -> c.sha256.equals(bad.sha256)).forEach(c -> c.refuse(sentence));
    journal.add(began, bad.file(), name, text(bad), text(back), Swap.Outcome.ROLLED_BACK, sentence);
    return bad;
  }

  /** Whether a version before is held for a while. */
  boolean expires() {
    return previous.isPresent();
  }

  /** Uninstalls the version before when its time is over. */
  void expire() {
    if (previous.isEmpty() || journal.now().isBefore(until)) return;
    bundles.discard(previous.get());
    previous = Optional.empty();
  }

  private void remove() {
    Instant began = journal.now();
    previous.ifPresent(bundles::discard);
    previous = Optional.empty();
    Optional<Held> gone = current;
    current = Optional.empty();
    gone.ifPresent(
        held -> {
          bundles.discard(held);
          journal.add(began, held.file(), name, text(held), "", Swap.Outcome.REMOVED, "");
        });
  }

  boolean empty() {
    return current.isEmpty() && previous.isEmpty();
  }

  private static String text(Held held) {
    return held.version.toString();
  }

  private static String version(Optional<Held> held) {
    return held.map(Group::text).orElse("");
  }
}
