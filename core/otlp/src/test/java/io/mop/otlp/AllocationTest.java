package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor;
import io.mop.otlp.AttributeField.Level;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Counts allocated bytes, which is exact: a lane allocates nothing once its arrays have grown. */
class AllocationTest {
  private static final int ITEMS = 512;

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
    assertThat(least).as("bytes in 20 batches of %d items", ITEMS).isZero();
  }

  @Test
  void theCounterCounts() throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    byte[] some = new byte[1000];
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isGreaterThanOrEqualTo(some.length);
  }

  private static ByteBuffer wire(Signal signal) {
    return Samples.direct(Samples.request(signal, ITEMS).toByteArray());
  }

  private static void readOwn(ItemCursor cursor) {
    if (cursor instanceof SpanCursor spans) {
      spans.name().length();
    } else if (cursor instanceof LogCursor logs) {
      logs.body().text().at(0);
    } else if (cursor instanceof PointCursor points) {
      points.name().length();
      if (points.count() == 0 && points.isInteger()) points.integer();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void check(Signal signal) throws Exception {
    ByteBuffer wire = wire(signal);
    assertAllocatesNothing(() -> Structure.check(signal, wire));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void scanAndRead(Signal signal) throws Exception {
    ByteBuffer wire = wire(signal);
    ItemCursor cursor = ItemCursor.of(signal);
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
        readOwn(cursor);
      }
      cursor.poison();
    });
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void edit(Signal signal) throws Exception {
    ByteBuffer wire = wire(signal);
    ItemCursor cursor = ItemCursor.of(signal);
    ByteBuffer target = ByteBuffer.allocateDirect(4 * wire.capacity());
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
        log.set(route, cursor.get(service).text());
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

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void values(Signal signal) throws Exception {
    ByteBuffer wire = wire(signal);
    ItemCursor cursor = ItemCursor.of(signal);
    ByteBuffer target = ByteBuffer.allocateDirect(4 * wire.capacity());
    byte[] mask = {'*', '*', '*', '*'};
    byte[] copy = new byte[200];
    ValueEditor editor = (owner, key, value, edit) -> {
      key.copy(0, key.length(), copy, 0);
      if (copy[0] == 'h' && value.type() == Value.Type.TEXT) edit.replace(mask, 0, mask.length);
    };
    assertAllocatesNothing(() -> {
      cursor.reset(Schema.EMPTY, wire);
      log.begin(cursor);
      log.values(editor);
      log.close();
      cursor.poison();
      if (log.isEmpty() || Rewriter.bound(cursor, log) > target.capacity()) throw new IllegalStateException();
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
      for (int i = 0; i < ITEMS; i++) {
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
