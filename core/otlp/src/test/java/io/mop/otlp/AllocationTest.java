package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Counts allocated bytes, which is exact: a lane allocates nothing once its arrays have grown. */
class AllocationTest {
  private static final int SPANS = 512;

  private interface Step {
    void run() throws Exception;
  }

  private final FieldTable table = new FieldTable();
  private final AttributeField route = table.field(Level.ITEM, "http.route");
  private final AttributeField code = table.field(Level.ITEM, "http.response.status_code");
  private final AttributeField ring = table.field(Level.ITEM, "deployment.ring");
  private final AttributeField service = table.field(Level.RESOURCE, "service.name");
  private final AttributeField lang = table.field(Level.SCOPE, "lang");
  private final Schema schema = Schema.of(List.of(route, code, ring, service, lang));
  private final ByteBuffer wire = Samples.direct(Samples.traces(SPANS, 4).toByteArray());
  private final SpanCursor cursor = new SpanCursor();
  private final EditLog log = new EditLog();

  /** The compiler may allocate a little when it replaces code that runs; what a batch needs, every batch needs. */
  private static void assertAllocatesNothing(Step step) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20 && least > 0; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20; i++) step.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).as("bytes in 20 batches of %d spans", SPANS).isZero();
  }

  @Test
  void theCounterCounts() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    byte[] some = new byte[1000];
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isGreaterThanOrEqualTo(some.length);
  }

  @Test
  void check() throws Exception {
    assertAllocatesNothing(() -> Structure.check(Signal.TRACES, wire));
  }

  @Test
  void scanAndRead() throws Exception {
    byte[] copy = new byte[200];
    assertAllocatesNothing(() -> {
      cursor.reset(schema, wire);
      while (cursor.next()) {
        if (cursor.get(route).present()) {
          Text text = cursor.get(route).text();
          text.copy(0, text.length(), copy, 0);
        }
        if (cursor.get(code).integer() == 500) throw new IllegalStateException();
        cursor.get(service).text().at(0);
        cursor.name().length();
      }
      cursor.poison();
    });
  }

  @Test
  void edit() throws Exception {
    ByteBuffer target = ByteBuffer.allocateDirect(2 * wire.capacity());
    Text key = Text.of("url.template");
    Text value = Text.of("canary");
    Reason noise = new Reason("noise");
    assertAllocatesNothing(() -> {
      cursor.reset(schema, wire);
      log.begin(cursor);
      int n = 0;
      while (cursor.next()) {
        if (++n % 10 == 0) log.drop(noise);
        log.rename(route, key);
        log.set(ring, value);
        log.set(route, cursor.name());
        log.set(code, 200);
        log.hash(code);
        log.hash(service);
        log.set(lang, true);
      }
      log.close();
      cursor.poison();
      if (Rewriter.bound(cursor, log) > target.capacity()) throw new IllegalStateException();
      Rewriter.write(cursor, log, target.clear());
    });
  }

  @Test
  void write() throws Exception {
    SpanWriter writer = new SpanWriter(SpanWriter.resource(Map.of("service.name", "shop")), "scope", "1");
    ByteBuffer target = ByteBuffer.allocateDirect(1 << 20);
    Text name = Text.of("GET /");
    assertAllocatesNothing(() -> {
      writer.reset();
      for (int i = 0; i < SPANS; i++) {
        writer.begin(i, i, i, i, 2, i, i);
        writer.name(name);
        writer.attribute("http.route", name);
        writer.attribute("http.response.status_code", 200);
        writer.status(2);
        writer.end();
      }
      writer.writeTo(target.clear());
    });
  }
}
