package io.mop.control;

import io.mop.api.data.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Samples of what flows over the edges of the running pipelines. Costs the pipelines nothing while no sample is open,
 * and holds them up never: what the reader of a sample does not take in time is counted, not waited for. What a sample
 * gives is masked: credentials, cookies, tokens, values of URL queries and SQL literals are never in it.
 */
public interface Tap {
  /** Shown in the place of what is masked. */
  String MASK = "****";

  /** Most items a second that a sample may copy. */
  int MOST = 10_000;

  /** Where a sample can be taken, receivers first; empty while nothing runs. */
  List<Edge> edges();

  /**
   * Begins a sample; it lasts until it is closed.
   *
   * @throws IllegalArgumentException if there is no such edge, if a diff is asked for elsewhere than at a processor, or
   *     if the rate is not 1 to {@link #MOST}
   */
  Sample open(Look look);

  /**
   * After a receiver or processor, before an exporter.
   *
   * @param path of the component, e.g. {@code processors.attributes}
   * @param signals that flow there
   * @param pipelines ids of those it is in
   */
  record Edge(String path, Set<Signal> signals, Set<String> pipelines) {}

  /**
   * What to look at.
   *
   * @param edge path of an {@link Edge}
   * @param signals of which items
   * @param diff also as they were before the processor, and those that it dropped
   * @param rate most items a second that are copied, 1 to {@link #MOST}
   */
  record Look(String edge, Set<Signal> signals, boolean diff, int rate) {}

  /** A sample that is being taken; for one thread. */
  interface Sample extends AutoCloseable {
    /** The next item; empty if none came within {@code wait}, or if the sample has ended. */
    Optional<Seen> next(Duration wait) throws InterruptedException;

    /** Items that passed the edge since the sample was opened. */
    long passed();

    /** Items of them that were copied and are given by {@link #next}, or wait for it. */
    long copied();

    /** Why no more items come; empty while they do. */
    Optional<String> ended();

    @Override
    void close();
  }

  /**
   * One item at an edge.
   *
   * @param item as it is there; as it was before the processor if that dropped it
   * @param changes what the processor did to it, with a diff
   * @param dropped the reason if the processor dropped it, with a diff
   */
  record Seen(Item item, List<Change> changes, Optional<String> dropped) {}

  /**
   * A span, data point or log record. Values are texts, numbers, booleans, null, lists and maps of them; bytes are
   * given by their number only.
   *
   * @param time Unix nanoseconds: start of a span, time of a point or record (observed, if it has none); 0 = unknown
   * @param service {@code service.name} of its resource, else empty
   * @param name of the span or metric; event name of a log record, else empty
   * @param fields what else the item says about itself, e.g. kind, status, duration_nanos
   */
  record Item(
      Signal signal,
      long time,
      String service,
      String name,
      Map<String, Object> fields,
      Map<String, Object> attributes,
      Map<String, Object> scope,
      Map<String, Object> resource) {}

  /**
   * One difference. Of a masked value that changed both sides are {@link #MASK}.
   *
   * @param where {@code field}, {@code attribute}, {@code scope} or {@code resource}
   * @param before absent = it was added
   * @param after absent = it was removed
   */
  record Change(String where, String key, Optional<Object> before, Optional<Object> after) {}
}
