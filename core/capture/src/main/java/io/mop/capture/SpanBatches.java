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
 * offered again, up to a bound of bytes a process and one for all; spans beyond either are counted as refused. For the
 * ring thread.
 */
public final class SpanBatches implements SpanSink {
  static final String SCOPE = "io.mop.capture";

  /** A process's spans are handed on when they have this many bytes. */
  private static final int LARGE = 1 << 20;

  /** Bytes kept for a process while its pipelines refuse. */
  private static final int MOST = 4 << 20;

  /** Memory for the spans of all processes; the span that reaches it may exceed it. */
  static final long MOST_OF_ALL = 32 << 20;

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
          memory -= eldest.getValue().memory();
          return true;
        }
      };
  private SpanWriter current;
  /** Of all writers, but for what the current one grew by since its span began. */
  private long memory;
  private int before;
  /** Since the last drain nothing more could be handed on. */
  private boolean full;
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
    current = writers.computeIfAbsent(process, this::writer);
    if (current.size() > LARGE) hand(current);
    if (memory > MOST_OF_ALL && !full) makeRoom();
    dropping = current.size() > MOST || memory > MOST_OF_ALL;
    before = current.memory();
    if (dropping) refused.add(1);
    else current.begin(traceHigh, traceLow, spanId, parentId, kind, start, end);
  }

  private SpanWriter writer(Resource process) {
    SpanWriter made = new SpanWriter(SpanWriter.resource(process.attributes()), SCOPE, version);
    memory += made.memory();
    return made;
  }

  /** Hands on what is there, and gives the memory back that others than the current process do not use. */
  private void makeRoom() {
    flush();
    writers.values().removeIf(w -> {
      boolean idle = w != current && w.spans() == 0;
      if (idle) memory -= w.memory();
      return idle;
    });
    full = memory > MOST_OF_ALL;
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
    if (dropping) return;
    current.end();
    memory += current.memory() - before;
  }

  @Override
  public void flush() {
    wanted = door.carries();
    full = false;
    for (SpanWriter w : writers.values()) if (w.spans() > 0) hand(w);
  }

  private void hand(SpanWriter writer) {
    int held = writer.memory();
    door.hand(writer.size(), buffer -> {
      writer.writeTo(buffer);
      writer.reset();
    });
    memory += writer.memory() - held;
  }

  /** Spans that are still kept; they are lost with this object. */
  public void close() {
    flush();
    for (SpanWriter w : writers.values()) refused.add(w.spans());
    writers.clear();
    memory = 0;
  }
}
