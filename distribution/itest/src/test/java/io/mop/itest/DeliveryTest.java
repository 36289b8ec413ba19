package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.OtlpSink.Answer;
import io.mop.testkit.TestSpan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backend that is away, and a MOP that is stopped, under traffic: nothing is lost, nothing comes twice. */
@NeedsBpf
@Timeout(300)
class DeliveryTest {
  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private Nginx nginx;
  private Traffic traffic;

  @BeforeEach
  void start() {
    nginx = Nginx.start(directory.resolve("nginx"));
    traffic = new Traffic(nginx.port(), "delivery", 4);
  }

  @AfterEach
  void stop() {
    traffic.close();
    nginx.close();
    sink.close();
  }

  @Test
  void aBackendThatIsBusyThenGoneThenBackGetsEverySpanOnce() throws Exception {
    try (MopProcess mop = MopProcess.start(directory, Pipelines.nginxTo(sink, nginx))) {
      traffic.begin();
      sink.awaitSpans(200, Await.LIMIT);
      sink.always(Answer.busy("1"));
      mop.await(
          "it holds spans of a busy backend",
          s -> s.traces("exporters.otlp", "held") > 100
              && s.component("exporters.otlp").getString("reason").contains("503"));
      // What the backend took is known to be delivered: ending its connections makes nothing uncertain.
      mop.await("all answers have come", s -> s.traces("exporters.otlp", "out") == sink.spans());
      sink.close();
      long before = traffic.count();
      mop.await(
          "it holds spans of a backend that is gone",
          s -> s.component("exporters.otlp").getString("reason").contains("connection refused")
              && s.traces("exporters.otlp", "held") > 200);
      Await.until("200 more requests", () -> traffic.count() > before + 200, traffic::count);
      try (OtlpSink back = new OtlpSink(sink.port()).keepRequests()) {
        back.awaitSpans(200, Await.LIMIT);
        traffic.end();
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == traffic.count());
        Status status = mop.statusByCommand();
        status.assertNothingLost();
        assertThat(status.unhealthy()).isEmpty();
        List<TestSpan> spans = new ArrayList<>(sink.taken());
        spans.addAll(back.taken());
        assertThat(Pipelines.requests(spans)).containsExactlyInAnyOrderElementsOf(traffic.answered());
        assertThat(mop.stop()).as("exit code").isZero();
      }
    }
  }

  @Test
  void aStopUnderTrafficDeliversWhatWasSeen() {
    String config = Pipelines.nginxTo(sink, nginx).replace("service:", "service:\n  shutdown_timeout: 60s");
    try (MopProcess mop = MopProcess.start(directory, config)) {
      traffic.begin();
      sink.awaitSpans(200, Await.LIMIT);
      sink.always(Answer.status(503));
      mop.await("it holds spans", s -> s.traces("exporters.otlp", "held") > 100);
      List<String> answered = traffic.answered();
      mop.terminate();
      long requests = sink.requests();
      sink.awaitRequests(requests + 2, Await.LIMIT);
      sink.always(Answer.ok());
      int exit = mop.awaitExit();
      assertThat(exit).as("exit code; log: %s", mop.log()).isZero();
      traffic.end();
      List<String> seen = Pipelines.requests(sink.taken());
      assertThat(seen).doesNotHaveDuplicates().containsAll(answered);
      assertThat(traffic.answered()).containsAll(seen);
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }
}
