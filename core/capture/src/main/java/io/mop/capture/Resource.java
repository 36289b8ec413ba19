package io.mop.capture;

import java.util.Map;

/** A process as the source of spans. Compared by identity, so that a sink may keep a weak map by it. */
public final class Resource {
  private final int tgid;
  private final long startTime;
  private final Map<String, Object> attributes;
  private final SdkSigns signs = new SdkSigns();

  /** @param startTime in clock ticks since boot, field 22 of /proc/PID/stat; 0 if unknown */
  public Resource(int tgid, long startTime, Map<String, ?> attributes) {
    this.tgid = tgid;
    this.startTime = startTime;
    this.attributes = Map.copyOf(attributes);
  }

  public int tgid() {
    return tgid;
  }

  /** Tells two processes of one tgid apart: clock ticks since boot, 0 if unknown. */
  public long startTime() {
    return startTime;
  }

  /** OpenTelemetry resource attributes: texts, and numbers as {@link Long}. */
  public Map<String, Object> attributes() {
    return attributes;
  }

  SdkSigns signs() {
    return signs;
  }

  @Override
  public String toString() {
    return "process " + tgid + " " + attributes;
  }
}
