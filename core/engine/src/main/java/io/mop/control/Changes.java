package io.mop.control;

import java.util.List;

/**
 * What a new topology has changed: paths of components and pipelines, e.g. {@code processors.attributes} or {@code
 * pipelines.traces}, each in exactly one list.
 *
 * @param replaced works by another configuration from now on; a processor and an exporter with the state they had
 * @param kept untouched: the same parts, queue, port and state
 */
public record Changes(List<String> added, List<String> replaced, List<String> removed, List<String> kept) {
  public static final Changes NONE = new Changes(List.of(), List.of(), List.of(), List.of());

  public Changes {
    added = List.copyOf(added);
    replaced = List.copyOf(replaced);
    removed = List.copyOf(removed);
    kept = List.copyOf(kept);
  }

  /** Nothing was added, replaced or removed. */
  public boolean none() {
    return added.isEmpty() && replaced.isEmpty() && removed.isEmpty();
  }
}
