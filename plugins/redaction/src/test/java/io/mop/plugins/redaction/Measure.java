package io.mop.plugins.redaction;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Transform;
import io.mop.otlp.EditLog;
import io.mop.otlp.ItemCursor;
import io.mop.otlp.Rewriter;
import io.mop.otlp.Schema;
import io.mop.plugins.redaction.Redaction.Config;
import io.mop.plugins.redaction.Redaction.HashFunction;
import io.mop.plugins.redaction.Redaction.Summary;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Prints nanoseconds a span: scan, walk and write of spans with 15 attributes. No test. */
final class Measure {
  private static final int SPANS = 512;
  private static final List<String> NONE = List.of();

  private Measure() {}

  public static void main(String[] args) {
    print("credentials, nothing found", config(NONE), "");
    print("credentials, one found in each span", config(NONE), "password");
    print("and two expressions on values", config(List.of("[a-z]+@[a-z]+", "\\b\\d{3}-\\d{2}-\\d{4}\\b")), "");
  }

  private static Config config(List<String> values) {
    return new Config(true, false, true, NONE, NONE, NONE, values, NONE, HashFunction.NONE, Optional.empty(),
        Summary.SILENT, false);
  }

  private static void print(String what, Config config, String secret) {
    TestSpan span = TestSpan.of("GET /api/v1/orders/{id}").resource("service.name", "shop")
        .attribute("http.response.status_code", 200L);
    for (int i = 0; i < 14; i++) span = span.attribute("app.attribute.number." + i, "value-of-some-length-" + i);
    if (!secret.isEmpty()) span = span.attribute(secret, "hunter2");
    List<TestSpan> spans = new ArrayList<>();
    for (int i = 0; i < SPANS; i++) spans.add(span);
    byte[] request = TestSpan.request(spans);
    ByteBuffer wire = ByteBuffer.allocateDirect(request.length).put(request).flip();
    ByteBuffer target = ByteBuffer.allocateDirect(2 * request.length);
    Transform redaction = new Redaction().create(config, new TestContext("processors.redaction"));
    ItemCursor cursor = ItemCursor.of(Signal.TRACES);
    EditLog log = new EditLog();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 30; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < 200; i++) {
        cursor.reset(Schema.EMPTY, wire);
        log.begin(cursor);
        redaction.apply(cursor, log);
        log.close();
        if (!log.isEmpty()) Rewriter.write(cursor, log, target.clear());
      }
      least = Math.min(least, (System.nanoTime() - start) / (200L * SPANS));
    }
    System.out.printf("%-40s %5d ns a span of %d bytes%n", what, least, request.length / SPANS);
  }
}
