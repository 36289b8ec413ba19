package io.mop.deploy.internal;

import io.mop.deploy.Installation;
import io.mop.deploy.Installation.State;
import io.mop.deploy.Refusal;
import io.mop.deploy.Swap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Files and groups of the plugins directory; used on the deployer's thread only. */
final class Plugins {
  private static final System.Logger LOG = System.getLogger("io.mop.deploy");

  private final Settings settings;
  private final Bundles bundles;
  private final Offers offers;
  private final Store store;
  private final Trust trust;
  private final Watch watch;
  private final Journal journal;
  private final Map<String, Candidate> candidates = new TreeMap<>();
  private final Map<String, Group> groups = new TreeMap<>();
  private Watch.Look seen = new Watch.Look(Set.of(), Map.of());
  private Optional<String> unreadable = Optional.empty();
  private List<Installation> records = List.of();

  Plugins(Settings settings, Bundles bundles, Offers offers, Watch watch, Journal journal) throws IOException {
    this.settings = settings;
    this.bundles = bundles;
    this.offers = offers;
    this.store = new Store(settings.store());
    this.trust = new Trust(settings.trust(), settings.plugins());
    this.watch = watch;
    this.journal = journal;
    Map<String, List<Held>> adopted = new HashMap<>();
    bundles.installed().forEach(h -> adopted.computeIfAbsent(h.name, n -> new ArrayList<>()).add(h));
    adopted.forEach((name, held) -> group(name).adopt(held));
  }

  private Group group(String name) {
    return groups.computeIfAbsent(name, n -> new Group(n, bundles, store, journal, settings.window()));
  }

  /** Whether {@link #look} would find nothing to do, unless bundles have changed, which their catalog tells. */
  boolean idle() {
    return unreadable.isEmpty()
        && candidates.values().stream().noneMatch(c -> c.again(false))
        && groups.values().stream().noneMatch(Group::expires)
        && watch.same();
  }

  /** Looks at the directory and does what has changed; returns whether it should look again soon. */
  boolean look() {
    try {
      seen = watch.look(journal.now());
      unreadable = Optional.empty();
    } catch (Refusal e) {
      if (!unreadable.equals(Optional.of(e.getMessage()))) LOG.log(System.Logger.Level.WARNING, e.getMessage());
      unreadable = Optional.of(e.getMessage());
      groups.values().forEach(Group::expire);
      record();
      return false;
    }
    inspect();
    candidates.values().forEach(c -> c.inspection.ifPresent(i -> group(i.name())));
    for (Map.Entry<String, Group> e : groups.entrySet()) {
      e.getValue().reconcile(files(e.getKey()), this::present);
      e.getValue().expire();
    }
    groups.values().removeIf(Group::empty);
    tidy();
    record();
    return seen.unsettled();
  }

  private void inspect() {
    boolean trustChanged = trust.reload();
    if (trustChanged) trust.problems().forEach(p -> LOG.log(System.Logger.Level.WARNING, p));
    candidates.keySet().retainAll(seen.present());
    seen.ready()
        .forEach(
            (file, stamp) -> {
              Candidate known = candidates.get(file);
              if (known != null && known.stamp.equals(stamp) && !known.again(trustChanged)) {
                if (trustChanged && known.refusal().isEmpty()) {
                  known.trust(trust.check(file, known.sha256, store.path(known.sha256)));
                }
                return;
              }
              Candidate read = read(settings.plugins().resolve(file), stamp);
              if (!Watch.stamp(settings.plugins().resolve(file)).equals(Optional.of(stamp))) return;
              candidates.put(file, read);
              announce(read, Optional.ofNullable(known));
            });
  }

  private Candidate read(Path path, Watch.Stamp stamp) {
    return Candidate.of(path, stamp, store, trust, offers);
  }

  private void announce(Candidate read, Optional<Candidate> before) {
    if (read.refusal().isPresent()) {
      if (before.map(b -> b.refusal().equals(read.refusal())).orElse(false)) return;
      journal.add(
          journal.now(), read.file, read.name(), "", read.version(), Swap.Outcome.REFUSED,
          read.refusal().get());
    } else if (!read.trust().trusted()) {
      LOG.log(System.Logger.Level.WARNING, read.trust().text());
    }
  }

  private List<Candidate> files(String name) {
    return candidates.values().stream().filter(c -> c.name().equals(name)).toList();
  }

  /** Whether a version's file is there, be it overwritten by something that was refused. */
  private boolean present(Held held) {
    if (held.file().isEmpty()) return seen.unsettled();
    if (!seen.present().contains(held.file())) return false;
    Candidate there = candidates.get(held.file());
    return there == null || there.refusal().isPresent() || there.sha256.equals(held.sha256);
  }

  private void tidy() {
    Set<String> used = new HashSet<>();
    candidates.values().stream().filter(c -> c.refusal().isEmpty()).forEach(c -> used.add(c.sha256));
    held().forEach(h -> used.add(h.sha256));
    try {
      store.retain(used);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "Copies of plugins cannot be deleted: " + Sentences.of(e));
    }
  }

  private Stream<Held> held() {
    return groups.values().stream().flatMap(g -> Stream.concat(g.current().stream(), g.previous().stream()));
  }

  // ---- records

  List<Installation> records() {
    return records;
  }

  /** Of the directory and the trust files. */
  Optional<String> problem() {
    List<String> all = Stream.concat(unreadable.stream(), trust.problems().stream()).toList();
    return all.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", all));
  }

  private void record() {
    List<Installation> now = new ArrayList<>();
    for (Candidate c : candidates.values()) {
      Optional<Group> group = Optional.ofNullable(groups.get(c.name()));
      Optional<Held> current = group.flatMap(Group::current).filter(h -> h.sha256.equals(c.sha256));
      if (c.refusal().isPresent()) {
        now.add(of(c, List.of(), State.REFUSED, c.refusal().get()));
      } else if (current.isPresent() && current.get().file().equals(c.file)) {
        now.add(of(current.get(), ""));
      } else {
        String better = group.flatMap(Group::current).map(h -> h.version + " from " + h.file()).orElse("another");
        now.add(of(c, List.of(), State.STANDBY, better + " is installed"));
      }
    }
    for (Group group : groups.values()) {
      group.current().filter(h -> !onDisk(h)).ifPresent(h -> now.add(of(h, h.file()
          + " no longer has this version: it is gone after a restart")));
      group.previous().filter(h -> !onDisk(h)).ifPresent(h -> now.add(new Installation(
          h.file(), h.name, h.version.toString(), h.sha256, bundles.plugins(h), State.REPLACED, journal.now(),
          "replaced by " + group.current().map(c -> c.version.toString()).orElse("nothing")
              + "; it stays until " + group.until() + " to go back to",
          h.trust())));
    }
    now.sort(Comparator.comparing(Installation::file).thenComparing(Installation::version));
    records = now.stream().map(this::sinceThen).toList();
  }

  private boolean onDisk(Held held) {
    Candidate there = candidates.get(held.file());
    return there != null && there.sha256.equals(held.sha256) && there.refusal().isEmpty();
  }

  private Installation of(Held held, String note) {
    Optional<String> quarantine = bundles.quarantine(held);
    Optional<String> preferred = bundles.preferred(held);
    State state =
        quarantine.isPresent() ? State.QUARANTINED : preferred.isPresent() ? State.STANDBY : State.ACTIVE;
    String reason = quarantine.or(() -> preferred).orElse(note);
    return new Installation(
        held.file(), held.name, held.version.toString(), held.sha256, bundles.plugins(held), state, journal.now(),
        reason, held.trust());
  }

  private Installation of(Candidate c, List<String> plugins, State state, String reason) {
    return new Installation(
        c.file, c.name(), c.version(), c.sha256, plugins, state, journal.now(), reason, c.trust().text());
  }

  /** What is in the state it was in is there since then. */
  private Installation sinceThen(Installation now) {
    for (Installation r : records) {
      if (r.file().equals(now.file()) && r.sha256().equals(now.sha256()) && r.state() == now.state()) {
        return new Installation(
            now.file(), now.name(), now.version(), now.sha256(), now.plugins(), now.state(), r.since(), now.reason(),
            now.trust());
      }
    }
    return now;
  }

  // ---- commands

  Installation replace(Path jar) throws Refusal {
    String file = jar.getFileName() == null ? "" : jar.getFileName().toString();
    if (!Watch.counts(file)) throw new Refusal("\"" + file + "\" is not a plugin file, expected a name like x.jar");
    Path target = settings.plugins().resolve(file);
    if (jar.toAbsolutePath().normalize().equals(target.normalize())) {
      Candidate there = lookAgain(file);
      return record(file, there.sha256);
    }
    byte[] bytes = bytes(jar);
    refuseUnsound(jar);
    Optional<byte[]> before = Files.isRegularFile(target) ? Optional.of(bytes(target)) : Optional.empty();
    write(target, bytes);
    Candidate there = lookAgain(file);
    Installation now = record(file, there.sha256);
    if (there.refusal().isEmpty()) return now;
    restore(target, before);
    throw new Refusal(there.refusal().get());
  }

  private static byte[] bytes(Path jar) throws Refusal {
    try {
      return Store.read(jar);
    } catch (IOException e) {
      throw new Refusal(jar.getFileName() + " cannot be read: " + Sentences.of(e));
    }
  }

  /** All checks that need no engine, before anything in the directory is touched. */
  private void refuseUnsound(Path jar) throws Refusal {
    Candidate read = read(jar, new Watch.Stamp(0, FileTime.from(journal.now()), Optional.empty()));
    tidy();
    if (read.refusal().isEmpty()) return;
    announce(read, Optional.empty());
    throw new Refusal(read.refusal().get());
  }

  private Candidate lookAgain(String file) throws Refusal {
    candidates.remove(file);
    watch.arrived(file);
    look();
    Candidate read = candidates.get(file);
    if (read == null) throw new Refusal(unreadable.orElse(file + " is not in " + settings.plugins()));
    return read;
  }

  /** The directory as it was before {@code target} was written. */
  private void restore(Path target, Optional<byte[]> before) throws Refusal {
    String file = target.getFileName().toString();
    if (before.isPresent()) {
      write(target, before.get());
      watch.arrived(file);
    } else {
      try {
        Files.deleteIfExists(target);
        watch.deleted(file);
      } catch (IOException e) {
        throw new Refusal(target + " was refused and cannot be deleted: " + Sentences.of(e));
      }
    }
    candidates.remove(file);
    look();
  }

  private void write(Path target, byte[] bytes) throws Refusal {
    Path part = target.resolveSibling("." + target.getFileName() + ".part");
    try {
      Files.createDirectories(settings.plugins());
      Files.write(part, bytes);
      Watch.moveOver(part, target);
    } catch (IOException e) {
      throw new Refusal(target + " cannot be written: " + Sentences.of(e));
    }
  }

  private Installation record(String file, String sha256) throws Refusal {
    return records.stream()
        .filter(r -> r.file().equals(file) && r.sha256().equals(sha256))
        .findFirst()
        .orElseThrow(() -> new Refusal(file + " is gone"));
  }

  Installation rollback(String name) throws Refusal {
    Group group = groups.get(symbolicName(name));
    if (group == null) throw new Refusal(name + " is not installed");
    if (!Files.isWritable(settings.plugins())) {
      throw new Refusal("plugins directory " + settings.plugins() + " is not writable for this user");
    }
    Held bad = group.rollBack(files(group.name()));
    Held back = group.current().orElseThrow();
    Candidate there = candidates.get(bad.file());
    if (there != null && there.sha256.equals(bad.sha256)) {
      Path file = settings.plugins().resolve(bad.file());
      try {
        Watch.moveOver(file, file.resolveSibling(bad.file() + ".rolled-back"));
        watch.deleted(bad.file());
        candidates.remove(bad.file());
      } catch (IOException e) {
        LOG.log(System.Logger.Level.WARNING, file + " cannot be renamed: " + Sentences.of(e)
            + "; it is installed again at the next start");
      }
    }
    Path home = settings.plugins().resolve(back.file());
    if (!back.file().isEmpty() && !Files.exists(home)) {
      // Its file was overwritten or deleted; without one it would be gone after a restart.
      try {
        write(home, Files.readAllBytes(store.path(back.sha256)));
        watch.arrived(back.file());
      } catch (IOException e) {
        throw new Refusal(back.file() + " took over again but its file cannot be restored: " + Sentences.of(e));
      }
    }
    look();
    return record(back.file(), back.sha256);
  }

  Installation remove(String name) throws Refusal {
    boolean oneFile = candidates.containsKey(name);
    String symbolicName = oneFile ? candidates.get(name).name() : symbolicName(name);
    Optional<Held> current = Optional.ofNullable(groups.get(symbolicName)).flatMap(Group::current);
    Set<String> files = new HashSet<>();
    if (oneFile) {
      files.add(name);
    } else {
      files(symbolicName).forEach(c -> files.add(c.file));
      // Also one that was overwritten by something that was refused.
      current.ifPresent(h -> files.add(h.file()));
    }
    Installation before = records.stream()
        .filter(r -> oneFile ? r.file().equals(name) : r.name().equals(symbolicName))
        .max(Comparator.comparing(r -> current.map(h -> h.sha256.equals(r.sha256())).orElse(false)))
        .orElseThrow(() -> new Refusal(name + " is not in " + settings.plugins()));
    for (String file : files) {
      try {
        Files.deleteIfExists(settings.plugins().resolve(file));
        watch.deleted(file);
      } catch (IOException e) {
        throw new Refusal(settings.plugins().resolve(file) + " cannot be deleted: " + Sentences.of(e));
      }
    }
    look();
    if (unreadable.isPresent()) throw new Refusal(unreadable.get());
    return new Installation(
        before.file(), before.name(), before.version(), before.sha256(), before.plugins(), State.REMOVED,
        journal.now(), "", before.trust());
  }

  /** For a symbolic name, a file or a plugin. */
  private String symbolicName(String name) throws Refusal {
    List<String> found = records.stream()
        .filter(r -> r.name().equals(name) || r.file().equals(name)
            || r.plugins().stream().anyMatch(p -> p.equals(name) || p.endsWith("." + name)))
        .map(Installation::name)
        .filter(n -> !n.isEmpty())
        .distinct()
        .toList();
    if (found.size() > 1) throw new Refusal(name + " stands for " + String.join(" and ", found) + ": name one of them");
    if (found.isEmpty()) {
      throw new Refusal("no plugin " + name + " is in " + settings.plugins()
          + (groups.isEmpty() ? "" : "; there are " + String.join(", ", groups.keySet())));
    }
    return found.get(0);
  }

  String why(Path jar) {
    Candidate read = read(jar, new Watch.Stamp(0, FileTime.from(journal.now()), Optional.empty()));
    try {
      return verdict(read);
    } finally {
      tidy();
    }
  }

  private String verdict(Candidate read) {
    Optional<Installation> known =
        records.stream()
            .filter(r -> !r.sha256().isEmpty() && r.sha256().equals(read.sha256))
            .max(Comparator.comparing(r -> r.file().equals(read.file)));
    if (known.isPresent() && known.get().state() == State.REFUSED) return known.get().reason();
    if (read.refusal().isPresent()) return read.refusal().get();
    String subject = read.file + " (" + read.name() + " " + read.version() + ")";
    String suffix = read.trust().trusted() ? "" : "; " + read.trust().text();
    if (known.isPresent()) {
      Installation r = known.get();
      return subject + " is " + r.state().name().toLowerCase(Locale.ROOT)
          + (r.reason().isEmpty() ? "" : ": " + r.reason()) + suffix;
    }
    Optional<Held> current = Optional.ofNullable(groups.get(read.name())).flatMap(Group::current);
    if (current.isEmpty()) return subject + " passes all checks and would be installed" + suffix;
    int order = read.rank().version().compareTo(current.get().version);
    boolean overwrites = current.get().file().equals(read.file);
    return subject + " passes all checks and would " + (order >= 0 || overwrites ? "replace " : "stand by for ")
        + current.get().version + suffix;
  }
}
