package io.mop.telemetry;

import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.control.Vitals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether MOP lives, and whether it takes data. Neither depends on a backend: one that is away makes MOP not ready only
 * when the queue for it is nearly full.
 */
final class Health {
  /** The control thread may make plugins and wait for exporters meanwhile; longer than this it hangs. */
  static final Duration LIFE = Duration.ofSeconds(30);

  /** Of a queue's bytes: above it MOP is not ready, so that senders can go elsewhere before they are refused. */
  static final double MARK = 0.8;

  private final Control control;

  Health(Control control) {
    this.control = control;
  }

  /**
   * An answer.
   *
   * @param state {@code starting}, {@code running} or {@code stopping}
   * @param reasons why it is not well; empty = it is
   * @param degraded what does not work and does not matter for the answer
   */
  record Answer(String state, List<String> reasons, List<String> degraded) {
    boolean ok() {
      return reasons.isEmpty();
    }

    /** On one line, for people. */
    String sentence() {
      if (ok()) return degraded.isEmpty() ? state : state + "; " + String.join("; ", degraded);
      return String.join("; ", reasons);
    }

    /** @param key {@code alive} or {@code ready} */
    String json(String key) {
      return "{\"" + key + "\":" + ok() + ",\"state\":" + quoted(state) + ",\"reasons\":" + list(reasons)
          + ",\"degraded\":" + list(degraded) + "}\n";
    }

    private static String list(List<String> texts) {
      return "[" + String.join(",", texts.stream().map(Answer::quoted).toList()) + "]";
    }

    private static String quoted(String text) {
      StringBuilder out = new StringBuilder("\"");
      for (char c : text.toCharArray()) {
        if (c == '"' || c == '\\') out.append('\\').append(c);
        else if (c < ' ') out.append(String.format("\\u%04x", (int) c));
        else out.append(c);
      }
      return out.append('"').toString();
    }
  }

  /** The control loop turns. A stop keeps it busy for as long as draining may take. */
  Answer alive() {
    String state = state(control.status());
    Duration since = control.vitals().sinceBeat();
    boolean hangs = since.compareTo(LIFE) > 0 && !state.equals("stopping");
    List<String> reasons =
        hangs ? List.of("the control thread has not run for " + since.toSeconds() + " s") : List.of();
    return new Answer(state, reasons, List.of());
  }

  /** Receivers take data, and there is room for it. */
  Answer ready() {
    Status status = control.status();
    Vitals vitals = control.vitals();
    List<String> reasons = new ArrayList<>();
    String state = state(status);
    if (!state.equals("running")) reasons.add(state);
    reasons.addAll(vitals.closed());
    for (Vitals.Queue q : vitals.queues()) {
      if (q.bytes() >= q.capacity() * MARK) {
        reasons.add("the sending queue of " + q.path() + " holds " + q.bytes() + " of " + q.capacity() + " bytes");
      }
    }
    boolean running = state.equals("running");
    if (running && vitals.memoryFree() < status.memoryLimit() * (1 - MARK)) {
      reasons.add(
          "batches have taken " + status.memoryUsed() + " of " + status.memoryLimit() + " bytes (service.memory)");
    }
    List<String> degraded =
        status.components().stream().filter(c -> !c.healthy()).map(c -> c.path() + ": " + c.reason()).toList();
    return new Answer(state, reasons, degraded);
  }

  private static String state(Status status) {
    return status.state().equals("idle") ? "starting" : status.state();
  }
}
