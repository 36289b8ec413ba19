package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Unchanged programs call one another, MOP sees all of them: each span has the right parent, told by unique paths. */
@NeedsBpf
@Timeout(300)
class LinkTest {
  private static final int SERVER = 2;
  private static final int CLIENT = 3;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private int awaited;

  @AfterEach
  void stop() {
    sink.close();
  }

  private String config(String hook, long... pids) {
    return """
        receivers:
          ebpf: { select: [ %s ], ring: 64MiB, hook: %s }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(
            LongStream.of(pids).mapToObj(p -> "{ pid: " + p + " }").collect(Collectors.joining(", ")),
            hook,
            sink.url());
  }

  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void everyRequestOfNginxIsAChildOfItsClients(String hook) throws Exception {
    try (Nginx nginx = Nginx.start(directory.resolve("nginx"));
        ChainProcess client = new ChainProcess("ask", nginx.port());
        MopProcess mop = MopProcess.start(directory, config(hook, nginx.pid(), client.pid()))) {
      client.ask("/plain", 64, 50);
      List<TestSpan> spans = await("/plain", 2 * 64 * 50);
      assertThat(joined(spans)).isEqualTo(64 * 50);
      assertThat(spans).filteredOn(s -> s.parentId() == 0).hasSize(64 * 50).allMatch(s -> s.kind() == CLIENT);
      mop.statusByCommand().assertNothingLost();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void whatAThreadCallsIsAChildOfWhatItAnswers(String hook) throws Exception {
    int last = Children.freePort();
    int first = Children.freePort();
    try (ChainProcess back = new ChainProcess("serve", last);
        ChainProcess front = new ChainProcess("serve", first, last);
        ChainProcess client = new ChainProcess("ask", first);
        MopProcess mop = MopProcess.start(directory, config(hook, client.pid(), front.pid(), back.pid()))) {
      for (int concurrent : new int[] {1, 16, 64}) {
        int requests = 640 / concurrent;
        client.ask("/" + concurrent, concurrent, requests);
        List<TestSpan> spans = await("/" + concurrent, 4 * concurrent * requests);
        assertThat(joined(spans)).isEqualTo(2 * concurrent * requests);
        assertThat(called(spans)).as("calls of the first server").isEqualTo(concurrent * requests);
        assertThat(spans.stream().collect(Collectors.groupingBy(LinkTest::trace)).values())
            .hasSize(concurrent * requests)
            .allSatisfy(trace -> assertThat(trace).hasSize(4));
      }
      mop.statusByCommand().assertNothingLost();
    }
  }

  /** The last statement fails before it is one: its spans begin with the error, not with a request. */
  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void statementsAtPostgresqlAreChildrenOfTheirClients(String hook) throws Exception {
    Postgresql.letNobodyIn(directory);
    try (Postgresql server = Postgresql.start(directory.resolve("postgresql"))) {
      Process psql = server.open(false);
      try (MopProcess mop = MopProcess.start(directory, config(hook, server.pid(), psql.pid()))) {
        psql.outputWriter()
            .append("select 1;\nselect 2 a\\; select 3 b;\nselect no_such;\nselect such_no \\gdesc\n\\echo done\n")
            .flush();
        while (!"done".equals(psql.inputReader().readLine())) {}
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= 8);
        List<TestSpan> spans = sink.taken();
        Map<Long, String> clients = spans.stream()
            .filter(s -> s.kind() == CLIENT)
            .collect(Collectors.toMap(TestSpan::spanId, LinkTest::text));
        assertThat(clients.values()).hasSize(4).doesNotHaveDuplicates();
        List<TestSpan> servers = spans.stream().filter(s -> s.kind() == SERVER).toList();
        assertThat(servers).hasSize(4).allSatisfy(s -> assertThat(text(s)).isEqualTo(clients.get(s.parentId())));
      } finally {
        Children.stop(psql);
      }
    }
  }

  private static String text(TestSpan s) {
    return s.attributes().get("db.query.text").toString();
  }

  /** The next {@code n} spans, which are all of paths that begin so. */
  private List<TestSpan> await(String prefix, int n) {
    awaited += n;
    sink.awaitSpans(awaited, Await.LIMIT);
    List<TestSpan> spans = sink.taken().stream().filter(s -> path(s).startsWith(prefix + "/")).toList();
    assertThat(spans).hasSize(n);
    return spans;
  }

  private static String path(TestSpan s) {
    return s.attributes().get("url.path").toString();
  }

  private static String trace(TestSpan s) {
    return s.traceHigh() + "/" + s.traceLow();
  }

  /** Spans of servers whose parent is the client's; none has another. */
  private static int joined(List<TestSpan> spans) {
    return right(spans, SERVER, CLIENT);
  }

  /** Spans of clients whose parent is a server's; none has another. */
  private static int called(List<TestSpan> spans) {
    return right(spans, CLIENT, SERVER);
  }

  private static int right(List<TestSpan> spans, int kind, int parentKind) {
    Map<Long, TestSpan> all = spans.stream().collect(Collectors.toMap(TestSpan::spanId, Function.identity()));
    List<TestSpan> children = spans.stream().filter(s -> s.kind() == kind && s.parentId() != 0).toList();
    for (TestSpan child : children) {
      TestSpan parent = all.get(child.parentId());
      assertThat(parent).as("parent of %s", child).isNotNull();
      assertThat(parent.kind()).isEqualTo(parentKind);
      assertThat(path(parent)).isEqualTo(path(child));
      assertThat(trace(parent)).isEqualTo(trace(child));
    }
    return children.size();
  }
}
