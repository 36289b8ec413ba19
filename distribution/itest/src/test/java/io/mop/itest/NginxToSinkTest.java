package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unchanged nginx, the shipped MOP and an OTLP server: three counts of the same requests, exactly. */
@NeedsBpf
@Timeout(300)
class NginxToSinkTest {
  private static final int REQUESTS = 3000;
  private static final String RECORDS = "receivers.ebpf records";

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private Nginx nginx;

  @BeforeEach
  void start() {
    nginx = Nginx.start(directory.resolve("nginx"));
  }

  @AfterEach
  void stop() {
    nginx.close();
    sink.close();
  }

  @ParameterizedTest(name = "hook {0}")
  @ValueSource(strings = {"sock", "sys_exit"})
  void everyRequestIsOneSpan(String hook) throws Exception {
    String marker = UUID.randomUUID().toString();
    String config = Pipelines.nginxTo(sink, nginx).replace("ring: 64MiB", "ring: 64MiB, hook: " + hook);
    try (Nginx decoyNginx = Nginx.start(directory.resolve("decoy"));
        Traffic decoy = new Traffic(decoyNginx.port(), "decoy" + marker, 4);
        Traffic traffic = new Traffic(nginx.port(), marker, 8)) {
      traffic.run(80);
      List<String> early = traffic.answered();
      assertThat(nginx.log(80)).as("requests before MOP").hasSize(80);
      try (MopProcess mop = MopProcess.start(directory, config)) {
        decoy.begin();
        traffic.run(REQUESTS);
        decoy.end();
        List<String> answered = traffic.answered().stream().filter(r -> !early.contains(r)).toList();
        assertThat(answered).hasSize(REQUESTS);
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= REQUESTS);
        List<TestSpan> spans = sink.taken();
        assertThat(spans).hasSize(REQUESTS);
        assertThat(Pipelines.requests(spans)).containsExactlyInAnyOrderElementsOf(answered).doesNotHaveDuplicates();
        assertThat(nginx.log(80 + REQUESTS).subList(80, 80 + REQUESTS))
            .as("access log")
            .containsExactlyInAnyOrderElementsOf(Pipelines.requests(spans));
        assertThat(nginx.log(0)).hasSize(80 + REQUESTS);
        assertThat(sink.distinctSpanIds()).isEqualTo(REQUESTS);
        assertThat(spans).allSatisfy(s -> {
          assertThat(s.kind()).isEqualTo(2);
          assertThat(s.attributes()).doesNotContainKey("http.request.method");
          assertThat(s.end()).isGreaterThan(s.start());
        });
        onlyTheDecoy(mop, decoy);
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == REQUESTS + 3);
        Status status = mop.statusByCommand();
        status.assertNothingLost();
        for (String path : List.of("receivers.ebpf", "processors.attributes", "exporters.otlp", "pipelines.traces")) {
          assertThat(status.traces(path, "out")).as("out of %s", path).isEqualTo(REQUESTS + 3);
        }
        assertThat(mop.stop()).as("exit code").isZero();
        assertThat(mop.log()).doesNotContain(marker).contains("capture by hook " + hook + ", which costs");
      }
      assertThat(decoy.count()).isGreaterThan(100);
      assertThat(sink.spans()).isEqualTo(REQUESTS + 3);
      for (OtlpSink.Request request : sink.kept()) {
        assertThat(new String(request.body(), StandardCharsets.ISO_8859_1)).doesNotContain("decoy");
      }
    }
  }

  /**
   * The same request twice, the second time after many to the decoy: both bring the same number of records. The ring
   * keeps the order, so whatever the decoy had caused would have been read by then.
   */
  private void onlyTheDecoy(MopProcess mop, Traffic decoy) {
    try (Traffic single = new Traffic(nginx.port(), "single", 1)) {
      single.plain();
      sink.awaitSpans(REQUESTS + 1, Await.LIMIT);
      long before = records(mop);
      single.plain();
      sink.awaitSpans(REQUESTS + 2, Await.LIMIT);
      long one = records(mop) - before;
      assertThat(one).as("records of one request").isPositive();
      int driven = decoy.count();
      decoy.run(500);
      assertThat(decoy.count() - driven).isEqualTo(500);
      single.plain();
      sink.awaitSpans(REQUESTS + 3, Await.LIMIT);
      assertThat(records(mop) - before - one).as("records while only the decoy and this were driven").isEqualTo(one);
    }
  }

  /** Once the kernel's count of what it submitted, published every second, has caught up with what was read. */
  private static long records(MopProcess mop) {
    return mop.await("all records are read", s -> s.counter(RECORDS) > 0 && s.counter(RECORDS)
            == s.counter("receivers.ebpf kernel_submitted") + s.counter("receivers.ebpf kernel_open")
                + s.counter("receivers.ebpf kernel_close"))
        .counter(RECORDS);
  }
}
