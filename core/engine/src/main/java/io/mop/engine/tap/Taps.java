package io.mop.engine.tap;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import io.mop.otlp.EditLog;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The samples that are open, as the data plane sees them: one volatile read a batch and edge while there is none. */
public final class Taps {
  /** Null while none is open. */
  private volatile List<OpenSample> open;

  private final List<OpenSample> samples = new CopyOnWriteArrayList<>();

  /** Items are at the edge of a receiver or exporter. */
  public void pass(String path, Signal signal, int items, ByteBuffer wire) {
    List<OpenSample> now = open;
    if (now == null) return;
    for (OpenSample s : now) if (s.wants(path, signal)) s.pass(signal, items, wire);
  }

  /**
   * A processor has worked on a batch.
   *
   * @param edits of the call, not begun anew yet; what they did made {@code after} of {@code before}
   */
  public void work(
      String path, Signal signal, int items, ByteBuffer before, EditLog edits, int left, ByteBuffer after) {
    List<OpenSample> now = open;
    if (now == null) return;
    for (OpenSample s : now) {
      if (!s.wants(path, signal)) continue;
      if (s.diff()) s.compare(signal, items, before, edits, after);
      else s.pass(signal, left, after);
    }
  }

  /** @param look checked */
  public Tap.Sample open(Tap.Look look) {
    OpenSample sample = new OpenSample(look, this::remove);
    synchronized (samples) {
      samples.add(sample);
      open = samples;
    }
    return sample;
  }

  private void remove(OpenSample sample) {
    synchronized (samples) {
      samples.remove(sample);
      if (samples.isEmpty()) open = null;
    }
  }

  /** Whether the data plane does something for samples. */
  boolean idle() {
    return open == null;
  }

  /** Nothing flows any more: ends all samples. */
  public void stop() {
    for (OpenSample s : samples) s.end("MOP is stopping");
  }
}
