package io.mop.engine;

import io.mop.api.plugin.Part;
import io.mop.control.Topology;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A component's place: stays while versions of its plugin come and go. Changed on the control thread only. */
final class Slot<P extends Part> {
  private volatile Topology.Component component;
  final Health health = new Health();
  private final ArrayDeque<List<StateBytes>> kept = new ArrayDeque<>();
  private volatile Unit<P> unit;
  private final AtomicBoolean discard = new AtomicBoolean();

  Slot(Topology.Component component) {
    this.component = component;
  }

  String path() {
    return component.path();
  }

  Topology.Component component() {
    return component;
  }

  /** What works here now; empty while the plugin is missing or was tripped. */
  Optional<Unit<P>> unit() {
    return Optional.ofNullable(unit);
  }

  void fill(Unit<P> next) {
    component = next.component;
    unit = next;
  }

  /** The same component as another file says it, e.g. on another line or with another queue. */
  void update(Topology.Component same) {
    component = same;
  }

  void clear() {
    unit = null;
  }

  /** State that a part left, of each lane; the newest first. */
  List<List<StateBytes>> kept() {
    return List.copyOf(kept);
  }

  void keep(List<StateBytes> state) {
    kept.addFirst(state);
  }

  /** True if it was still kept. */
  boolean forget(List<StateBytes> state) {
    return kept.removeIf(k -> k == state);
  }

  /** The next version starts without the state of the one before; on any thread. */
  void discardState() {
    discard.set(true);
  }

  /** Whether the state is to be discarded now; true once. */
  boolean discardsState() {
    return discard.getAndSet(false);
  }
}
