package io.mop.config;

import io.mop.api.plugin.Size;
import io.mop.config.Node.Entry;
import io.mop.config.Node.Mapping;
import io.mop.config.Sections.Retry;
import io.mop.config.Sections.SendingQueue;
import io.mop.control.Topology.Batch;
import io.mop.control.Topology.Queue;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code sending_queue} and {@code retry_on_failure} of an exporter to {@link Queue}. */
final class Queues {
  static final List<String> KEYS = List.of("sending_queue", "retry_on_failure");

  /** The engine tries until a time has passed: after this one every first failure is the last. */
  private static final Duration ONE_TRY = Duration.ofMillis(1);

  private static final Queue DEFAULT = Queue.DEFAULT;

  private final Problems problems;
  private final Binder binder;
  private final Notes notes;

  Queues(Problems problems, Notes notes) {
    this.problems = problems;
    this.binder = new Binder(problems, new HashSet<>());
    this.notes = notes;
  }

  /** The queue of the exporter whose section {@code node} is; the default where there were problems. */
  Queue of(Node node, At at) {
    Entry nothing = new Entry(Node.nothing(at.line()), at.line(), 1);
    Entry queue = entry(node, "sending_queue").orElse(nothing);
    Entry retry = entry(node, "retry_on_failure").orElse(nothing);
    At queueAt = at.key("sending_queue", queue);
    At retryAt = at.key("retry_on_failure", retry);
    Optional<SendingQueue> q = binder.bind(SendingQueue.class, queue.value(), queueAt, Set.of());
    Optional<Retry> r = binder.bind(Retry.class, retry.value(), retryAt, Set.of());
    if (q.isEmpty() || r.isEmpty()) return DEFAULT;
    entry(queue.value(), "storage")
        .filter(e -> !e.value().isNull())
        .ifPresent(
            e ->
                problems.add(
                    queueAt.key("storage", e),
                    "a stored queue needs the queue bundle, which is not installed; without storage it is held in"
                        + " memory"));
    Duration elapsed = r.get().enabled() ? r.get().maxElapsedTime() : ONE_TRY;
    Queue built =
        new Queue(
            size(q.get(), queue.value(), queueAt),
            q.get().numConsumers().or(q.get()::consumers).orElse(DEFAULT.consumers()),
            r.get().initialInterval(),
            r.get().maxInterval(),
            elapsed,
            entry(queue.value(), "batch").map(e -> batch(q.get(), e.value(), queueAt.key("batch", e)))
                .orElse(DEFAULT.batch()));
    withoutEffect(
        queue.value(), queueAt, "block_on_overflow", "a full queue refuses its senders, retryably, and drops nothing");
    withoutEffect(retry.value(), retryAt, "multiplier", "MOP decides how the wait grows up to max_interval");
    withoutEffect(retry.value(), retryAt, "randomization_factor", "MOP decides how waits are spread");
    return built;
  }

  private Size size(SendingQueue queue, Node node, At at) {
    if (queue.queueSize().isEmpty()) return queue.size().orElse(DEFAULT.size());
    Entry entry = entry(node, "queue_size").orElseThrow();
    String written = entry.value() instanceof Node.Scalar scalar ? scalar.text() : "";
    if (queue.sizedInBytes(written)) return queue.queueSize().get();
    notes.withoutEffect(
        at.key("queue_size", entry),
        "it counts " + counted(queue.sizer()) + " and MOP bounds a queue by bytes: size, "
            + Scalars.size(DEFAULT.size().bytes()));
    return DEFAULT.size();
  }

  private Batch batch(SendingQueue queue, Node node, At at) {
    if (queue.batch().isEmpty()) return DEFAULT.batch();
    Sections.QueueBatch batch = queue.batch().get();
    withoutEffect(node, at, "partition", "a batch has items of one signal and one tenant");
    long least = batchSize(queue, "min_size", batch.minSize(), DEFAULT.batch().minSize(), node, at);
    long unset = Math.max(least, DEFAULT.batch().maxSize().bytes());
    long most = batchSize(queue, "max_size", batch.maxSize(), new Size(unset), node, at);
    if (most == 0) most = Batch.LARGEST;
    if (least > most) {
      Entry written = entry(node, "min_size").orElseThrow();
      problems.add(at.key("min_size", written), "expected at most max_size, which is " + Scalars.size(most));
      return DEFAULT.batch();
    }
    return new Batch(batch.flushTimeout().orElse(DEFAULT.batch().flushTimeout()), new Size(least), new Size(most));
  }

  private long batchSize(
      SendingQueue queue, String key, Optional<Size> size, Size unset, Node node, At at) {
    if (size.isEmpty()) return unset.bytes();
    Entry entry = entry(node, key).orElseThrow();
    String written = entry.value() instanceof Node.Scalar scalar ? scalar.text() : "";
    long bytes = size.get().bytes();
    if (bytes == 0) return 0; // whatever is counted
    if (!Sections.sizedInBytes(queue.batchSizer(), written)) {
      notes.withoutEffect(
          at.key(key, entry),
          "it counts " + counted(queue.batchSizer()) + " and MOP's batches count bytes: "
              + Scalars.size(unset.bytes()));
      return unset.bytes();
    }
    if (bytes <= Batch.LARGEST) return bytes;
    problems.add(
        at.key(key, entry), "expected a size of at most " + Scalars.size(Batch.LARGEST) + ", got '" + written + "'");
    return unset.bytes();
  }

  private static String counted(Optional<Sections.Sizer> sizer) {
    return sizer.equals(Optional.of(Sections.Sizer.ITEMS)) ? "items" : "requests";
  }

  private void withoutEffect(Node section, At at, String key, String why) {
    entry(section, key).filter(e -> !e.value().isNull()).ifPresent(e -> notes.withoutEffect(at.key(key, e), why));
  }

  private static Optional<Entry> entry(Node node, String key) {
    return node instanceof Mapping map ? Optional.ofNullable(map.entries().get(key)) : Optional.empty();
  }
}
