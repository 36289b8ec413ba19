package io.mop.otlp;

import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Prints thread CPU nanoseconds a span of check, scan and edits; median of interleaved rounds. Not a test. */
final class Measure {
  private static final int SPANS = 512;
  private static final int ROUNDS = 9;

  private interface Step {
    int run() throws Exception;
  }

  private static long sink;

  private Measure() {}

  public static void main(String[] args) throws Exception {
    byte[] bytes = Samples.traces(SPANS, 4).toByteArray();
    System.out.printf("%d spans, %d bytes a span, Java %s%n", SPANS, bytes.length / SPANS, Runtime.version());
    for (boolean direct : new boolean[] {true, false}) {
      System.out.println(direct ? "direct buffer" : "heap buffer");
      steps(direct ? Samples.direct(bytes) : ByteBuffer.wrap(bytes));
    }
    System.out.println(sink);
  }

  private static void steps(ByteBuffer wire) throws Exception {
    FieldTable table = new FieldTable();
    AttributeField rename = table.field(Level.ITEM, "http.route");
    AttributeField insert = table.field(Level.ITEM, "deployment.ring");
    AttributeField service = table.field(Level.RESOURCE, "service.name");
    Schema schema = Schema.of(List.of(rename, insert, service));
    Text key = Text.of("url.template");
    Text value = Text.of("canary");
    SpanCursor cursor = new SpanCursor();
    SpanCursor scanned = new SpanCursor();
    scanned.reset(schema, wire);
    EditLog log = new EditLog();
    EditLog none = new EditLog();
    none.begin(scanned);
    EditLog recorded = new EditLog();
    record(scanned, recorded, rename, key, insert, value);
    ByteBuffer target = wire.isDirect() ? ByteBuffer.allocateDirect(2 * wire.limit())
        : ByteBuffer.allocate(2 * wire.limit());
    String[] names = {"memcpy", "check", "scan, no columns", "scan, 3 columns", "read 3 columns", "record 2 edits",
        "write unedited", "write rename + insert", "scan + record + write"};
    Step[] steps = {
        () -> target.put(0, wire, 0, wire.limit()).limit(),
        () -> Structure.check(Signal.TRACES, wire),
        () -> {
          cursor.reset(Schema.EMPTY, wire);
          return cursor.items();
        },
        () -> {
          cursor.reset(schema, wire);
          return cursor.items();
        },
        () -> {
          int n = 0;
          scanned.rewind();
          while (scanned.next()) {
            if (scanned.get(rename).present()) n += scanned.get(rename).text().length();
            if (scanned.get(insert).present()) n++;
            n += scanned.get(service).text().at(0);
          }
          return n;
        },
        () -> {
          record(scanned, log, rename, key, insert, value);
          return log.dropped();
        },
        () -> Rewriter.write(scanned, none, target.clear()),
        () -> Rewriter.write(scanned, recorded, target.clear()),
        () -> {
          cursor.reset(schema, wire);
          record(cursor, log, rename, key, insert, value);
          return Rewriter.write(cursor, log, target.clear());
        }};
    double[][] nanos = new double[steps.length][ROUNDS];
    var threads = ManagementFactory.getThreadMXBean();
    for (int round = -3; round < ROUNDS; round++) {
      for (int s = 0; s < steps.length; s++) {
        int batches = 1500;
        long start = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < batches; i++) sink += steps[s].run();
        if (round >= 0) {
          nanos[s][round] = (threads.getCurrentThreadCpuTime() - start) / (double) batches / SPANS;
        }
      }
    }
    for (int s = 0; s < steps.length; s++) {
      Arrays.sort(nanos[s]);
      System.out.printf("  %-24s %6.1f ns a span (%.1f to %.1f)%n", names[s], nanos[s][ROUNDS / 2], nanos[s][0],
          nanos[s][ROUNDS - 1]);
    }
  }

  private static void record(SpanCursor cursor, EditLog log, AttributeField rename, Text key, AttributeField insert,
      Text value) {
    cursor.rewind();
    log.begin(cursor);
    while (cursor.next()) {
      log.rename(rename, key);
      log.set(insert, value);
    }
    log.close();
  }
}
