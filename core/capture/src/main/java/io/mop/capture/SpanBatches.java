package io.mop.capture;

import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.plugin.Context;
import io.mop.otlp.SpanWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes spans as OTLP requests, one a process and drain, and hands them to the pipelines. What they refuse is kept and
 * offered again, up to a bound of bytes a process; spans beyond it are counted as refused. For the ring thread.
 */
public final class SpanBatches implements SpanSink {
  static final String SCOPE = "io.mop.capture";

  /** A process's spans are handed on when they have this many bytes. */
  private static final int LARGE = 1 << 20;

  /** Bytes kept for a process while its pipelines refuse. */
  private static final int MOST = 4 << 20;

  private static final int PROCESSES = 1024;

  private final Door door;
  private final String version;
  private final Context.Counter refused;
  private final Map<Resource, SpanWriter> writers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Resource, SpanWriter> eldest) {
          if (size() <= PROCESSES) return false;
          refused.add(eldest.getValue().spans());
          return true;
        }
      };
  private SpanWriter current;
  private boolean dropping;
  private boolean wanted;

  /** @param version of the instrumentation scope */
  public SpanBatches(Intake intake, String version, Context context) {
    this.version = version;
    refused = context.counter("spans_refused", "{span}", "spans that the pipelines did not take in time");
    Context.Counter again =
        context.counter("batches_again", "1", "requests that the pipelines refused and that were kept");
    door = new Door(intake, Signal.TRACES, again);
    wanted = door.carries();
  }

  /** As of the last drain: a receiver may feed metrics pipelines only. */
  @Override
  public boolean wanted() {
    return wanted;
  }

  @Override
  public void begin(
      Resource process, long traceHigh, long traceLow, long spanId, long parentId, int kind, long start, long end) {
    current = writers.computeIfAbsent(process, p -> new SpanWriter(SpanWriter.resource(p.attributes()), SCOPE, version));
    if (current.size() > LARGE) hand(current);
    dropping = current.size() > MOST;
    if (dropping) refused.add(1);
    else current.begin(traceHigh, traceLow, spanId, parentId, kind, start, end);
  }

  @Override
  public void name(Text name) {
    if (!dropping) current.name(name);
  }

  @Override
  public void attribute(String name, Text value) {
    if (!dropping) current.attribute(name, value);
  }

  @Override
  public void attribute(String name, long value) {
    if (!dropping) current.attribute(name, value);
  }

  @Override
  public void attribute(String name, boolean value) {
    if (!dropping) current.attribute(name, value);
  }

  @Override
  public void status(int code) {
    if (!dropping) current.status(code);
  }

  @Override
  public void end() {
    if (!dropping) current.end();
  }

  @Override
  public void flush() {
    wanted = door.carries();
    for (SpanWriter w : writers.values()) if (w.spans() > 0) hand(w);
  }

  private void hand(SpanWriter writer) {
    door.hand(writer.size(), buffer -> {
      writer.writeTo(buffer);
      writer.reset();
    });
  }

  /** Spans that are still kept; they are lost with this object. */
  public void close() {
    flush();
    for (SpanWriter w : writers.values()) refused.add(w.spans());
    writers.clear();
  }
}
