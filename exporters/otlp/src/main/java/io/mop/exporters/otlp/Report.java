package io.mop.exporters.otlp;

import io.mop.api.plugin.Context;
import io.mop.exporters.otlp.Verdict.Kind;
import java.lang.System.Logger.Level;

/** Tells the health of one exporter from its verdicts: each trouble once, and its end. */
final class Report {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.otlp");

  private final Context context;
  private volatile String trouble = "";

  Report(Context context) {
    this.context = context;
  }

  /** @param peer as it may be shown: without secrets */
  void verdict(String peer, Verdict verdict) {
    boolean works = verdict.kind() == Kind.DELIVERED || verdict.kind() == Kind.PARTLY;
    String now = works ? "" : peer + ": " + verdict.why();
    if (!now.equals(trouble)) {
      trouble = now;
      if (works) context.healthy();
      else context.unhealthy(now);
    }
    if (verdict.kind() == Kind.DELIVERED && !verdict.why().isEmpty()) {
      LOG.log(Level.WARNING, context.id() + ": " + peer + " took the batch and says: " + verdict.why());
    }
  }
}
