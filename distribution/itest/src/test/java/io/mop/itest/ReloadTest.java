package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** mop.yaml changes under load: what it says is done, what it does not change runs on, and no span is lost. */
@Timeout(300)
class ReloadTest {
  private static final int CHANGES = 30;
  private static final int BATCH = 10;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink();
  private final OtlpSink second = new OtlpSink();
  private final int port = Children.freePort();
  private Path file;

  @AfterEach
  void stop() {
    sink.close();
    second.close();
  }

  /** Another value each time, another queue every other time, a second pipeline every third time. */
  private String config(int i) {
    boolean more = i % 3 == 1;
    return """
        receivers:
          otlp: { protocols: { http: { endpoint: 127.0.0.1:%d } } }
        processors:
          attributes: { actions: [ { key: change, action: upsert, value: number-%d } ] }
          attributes/second: { actions: [ { key: second, action: upsert, value: "yes" } ] }
        exporters:
          otlp:
            endpoint: %s
            sending_queue: { size: %dMiB }
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
          otlp/second: { endpoint: "%s" }
        service:
          pipelines:
            traces: { receivers: [otlp], processors: [attributes], exporters: [otlp] }
        %s"""
        .formatted(
            port, i, sink.url(), 32 + i % 2, second.url(),
            more ? "    traces/second: { receivers: [otlp], processors: [attributes/second], exporters: [otlp/second] }\n" : "");
  }

  private void write(String text) throws IOException {
    Path part = Files.writeString(directory.resolve("mop.yaml.part"), text);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String hash(String text) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest).substring(0, 12);
  }

  /** Sends over one connection as fast as answers come; what is refused it sends again. Counts the spans taken. */
  private final class Source implements AutoCloseable {
    final AtomicLong sent = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicBoolean end = new AtomicBoolean();
    final List<Throwable> failures = new ArrayList<>();
    final Thread thread = new Thread(this::run, "source");

    private void run() {
      // MOP closing it, or its port, would be an exception here
      try (HttpConnection connection = new HttpConnection(port)) {
        while (!end.get()) {
          List<TestSpan> spans = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) spans.add(TestSpan.of("span").ids(1, 2, sent.get() + i + 1, 0));
          byte[] request = TestSpan.request(spans);
          int status = 0;
          while (status != 200) {
            status = connection.exchange("POST", "/v1/traces", "Content-Type: application/x-protobuf\r\n", request);
            if (status != 200) refused.incrementAndGet();
          }
          sent.addAndGet(BATCH);
        }
      } catch (IOException | RuntimeException e) {
        failures.add(e);
      }
    }

    @Override
    public void close() {
      finish();
    }

    void finish() {
      end.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      assertThat(failures).as("the one connection").isEmpty();
    }
  }

  @Test
  void thirtyChangesUnderLoadLoseNothingAndCloseNoConnection() throws Exception {
    file = Files.writeString(directory.resolve("mop.yaml"), config(0));
    try (MopProcess mop = MopProcess.start(directory, config(0), "--no-watch")) {
      try (Source source = new Source()) {
        source.thread.start();
        int rejected = 0;
        for (int i = 1; i <= CHANGES; i++) {
          long before = sink.spans();
          if (i % 5 == 0) {
            write(config(i).replace("upsert", "upset"));
            String answer = mop.ask("mop:reload");
            assertThat(answer).endsWith("\n3\n").contains("mop.yaml:4: processors.attributes.actions[0].action: ", "upsert");
            rejected++;
          }
          write(config(i));
          String answer = mop.ask("mop:reload");
          assertThat(answer)
              .endsWith("\n0\n")
              .contains("replaced  processors.attributes\n", "replaced  exporters.otlp\n", "kept      receivers.otlp\n")
              .contains(hash(config(i)));
          if (i % 3 == 1) assertThat(answer).contains("added     pipelines.traces/second\n");
          if (i % 3 == 2) assertThat(answer).contains("removed   pipelines.traces/second\n", "removed   exporters.otlp/second\n");
          Await.until("spans go on", () -> sink.spans() > before + BATCH || !source.thread.isAlive(), mop::log);
        }
        source.finish();
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == source.sent.get());
        Status end = mop.await("the rest of the second", s -> s.traces("exporters.otlp/second", "held") == 0);
        end.assertNothingLost();
        assertThat(sink.spans()).isEqualTo(sink.distinctSpanIds()).isEqualTo(source.sent.get());
        assertThat(end.traces("receivers.otlp", "in")).isEqualTo(source.sent.get());
        assertThat(end.traces("pipelines.traces/second", "in")).isPositive().isEqualTo(second.spans());
        assertThat(end.counter("service config_reloads")).isEqualTo(CHANGES);
        assertThat(end.counter("service config_reloads_rejected")).isEqualTo(rejected);
        assertThat(end.component("processors.attributes").getBoolean("healthy")).isTrue();
      }
      write(config(100));
      mop.signal("HUP");
      mop.await("SIGHUP has applied it", s -> s.configuration().getString("hash").equals(hashOf(config(100))));
      assertThat(mop.stop()).as("exit code").isZero();
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }

  private static String hashOf(String text) {
    try {
      return hash(text);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFileIsWatchedAndARejectedOneIsShown() throws Exception {
    file = directory.resolve("mop.yaml");
    Files.writeString(directory.resolve("value"), "one");
    String taking = config(0).replace("number-0", "\"${file:value}\"");
    try (MopProcess mop = MopProcess.start(directory, taking)) {
      String first = mop.await("MOP runs", s -> true).configuration().getString("hash");
      Files.writeString(directory.resolve("value"), "two");
      mop.await("what it takes in has changed", s -> !s.configuration().getString("hash").equals(first));
      write(config(1));
      Status good = mop.await("it was taken", s -> s.configuration().getString("hash").equals(hashOf(config(1))));
      assertThat(good.configuration()).doesNotContainKey("rejected");
      assertThat(good.component("exporters.otlp/second").getBoolean("healthy")).isTrue();
      write(config(2).replace("otlp/second", "oltp/second"));
      Status bad = mop.await("it was rejected", s -> s.configuration().containsKey("rejected"));
      assertThat(bad.configuration().getString("hash")).isEqualTo(hashOf(config(1)));
      assertThat(bad.configuration().getJsonObject("rejected").getJsonArray("problems").getString(0))
          .contains("no exporter 'oltp' is installed; nearest: otlp");
      Cli.Result status = mop.command("status");
      assertThat(status.out()).contains("configuration " + file + ", " + hashOf(config(1))).contains("REJECTED ");
      Cli.Result reload = mop.command("reload");
      assertThat(reload.code()).as(reload.toString()).isEqualTo(3);
      assertThat(reload.err()).contains("mop.yaml:", "the new configuration is rejected; the one before runs on.");
      write(config(1));
      mop.await("nothing is wrong any more", s -> !s.configuration().containsKey("rejected"));
      assertThat(mop.stop()).as("exit code").isZero();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
