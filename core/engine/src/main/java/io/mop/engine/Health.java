package io.mop.engine;

/** Whether a component does its work, why not, and since when (Unix milliseconds). */
final class Health {
  private boolean healthy = true;
  private String reason = "";
  private long since = System.currentTimeMillis();

  synchronized void good() {
    if (!healthy) since = System.currentTimeMillis();
    healthy = true;
    reason = "";
  }

  /** True if this is news. */
  synchronized boolean bad(String why) {
    boolean news = healthy || !reason.equals(why);
    if (healthy) since = System.currentTimeMillis();
    healthy = false;
    reason = why;
    return news;
  }

  synchronized boolean healthy() {
    return healthy;
  }

  synchronized String reason() {
    return reason;
  }

  synchronized long since() {
    return since;
  }
}
