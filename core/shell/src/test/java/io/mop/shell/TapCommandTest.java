package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As a client of the socket sees it, with an engine whose items the test makes. */
@Timeout(30)
class TapCommandTest {
  private final AtomicLong clock = new AtomicLong();
  private final TapCommand command = new TapCommand(clock::get);
  private final Feed feed = new Feed();
  @TempDir Path dir;
  private GogoSocket socket;

  /** One sample, fed by the test. */
  private static final class Feed implements Tap, Tap.Sample {
    final BlockingQueue<Seen> items = new LinkedBlockingQueue<>();
    final CountDownLatch closed = new CountDownLatch(1);
    volatile Look look;
    volatile long passed;
    volatile Optional<String> ended = Optional.empty();

    @Override
    public List<Edge> edges() {
      return List.of(
          new Edge("receivers.otlp", Set.of(Signal.TRACES), Set.of("traces")),
          new Edge("processors.attributes", Set.of(Signal.LOGS), Set.of("logs")));
    }

    @Override
    public Sample open(Look look) {
      this.look = look;
      return this;
    }

    @Override
    public Optional<Seen> next(Duration wait) throws InterruptedException {
      return Optional.ofNullable(items.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
    }

    @Override
    public long passed() {
      return passed;
    }

    @Override
    public long copied() {
      return passed / 2;
    }

    @Override
    public Optional<String> ended() {
      return ended;
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @BeforeEach
  void open() throws Exception {
    socket = new GogoSocket(dir).command("tap", command);
    command.control =
        new IdleControl() {
          @Override
          public Tap tap() {
            return feed;
          }
        };
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
  }

  private String send(String line) throws Exception {
    return socket.send(line);
  }

  private static Tap.Item span(String service, String name) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", "server");
    fields.put("status", "error");
    fields.put("duration_nanos", 2_500_000L);
    fields.put("span_id", "0a");
    return new Tap.Item(
        Signal.TRACES, 1_700_000_000_123_456_789L, service, name, fields,
        new TreeMap<>(Map.of("http.route", "/a b", "n", 7L)), Map.of("otel.scope.name", "lib"),
        new TreeMap<>(Map.of("service.name", service, "host.name", "h")));
  }

  private void put(Tap.Item item) {
    feed.passed++;
    feed.items.add(new Tap.Seen(item, List.of(), Optional.empty()));
  }

  @Test
  void withoutAnEdgeTheyAreListed() throws Exception {
    assertThat(send("mop:tap"))
        .isEqualTo(
            """
            EDGE                   SIGNALS  PIPELINES
            receivers.otlp         traces   traces
            processors.attributes  logs     logs
            0
            """);
    assertThat(send("mop:tap -o json"))
        .startsWith("{\"edges\":[{\"edge\":\"receivers.otlp\",\"signals\":[\"traces\"],\"pipelines\":[\"traces\"]},");
  }

  @Test
  void itemsAreLinesUntilTheLimit() throws Exception {
    put(span("cart", "GET /\n\u001b[31m"));
    put(new Tap.Item(Signal.LOGS, 0, "", "", Map.of("body", "hello"), Map.of(), Map.of(), Map.of()));
    put(span("x", "unshown"));
    assertThat(send("mop:tap receivers.otlp --limit 2"))
        .isEqualTo(
            """
            2023-11-14T22:13:20.123456789Z traces cart "GET / [31m" server error 2.5ms span_id=0a http.route="/a b" \
            n=7 | host.name=h
            - logs - - body=hello
            mop: 3 items passed, 2 were shown.
            0
            """);
    assertThat(feed.look).isEqualTo(new Tap.Look("receivers.otlp", Set.of(Signal.values()), false, 10));
    assertThat(feed.closed.getCount()).as("the sample is closed").isZero();
  }

  @Test
  void itemsAreJson() throws Exception {
    Map<String, Object> attributes = Map.of("sum", Double.NaN);
    Map<String, Object> resource = Map.of("l", List.of(1L));
    put(new Tap.Item(Signal.METRICS, 1_000, "s", "m", attributes, resource, Map.of(), Map.of()));
    assertThat(send("mop:tap receivers.otlp --limit 1 -o json --signal metrics --rate 5/s"))
        .isEqualTo(
            "{\"time\":\"1970-01-01T00:00:00.000001Z\",\"signal\":\"metrics\",\"service\":\"s\",\"name\":\"m\","
                + "\"sum\":\"NaN\",\"attributes\":{\"l\":[1]},\"scope\":{},\"resource\":{}}\n0\n");
    assertThat(feed.look).isEqualTo(new Tap.Look("receivers.otlp", Set.of(Signal.METRICS), false, 5));
  }

  @Test
  void aDiffMarksItems() throws Exception {
    List<Tap.Change> changes =
        List.of(
            new Tap.Change("attribute", "a", Optional.of(1L), Optional.of(2L)),
            new Tap.Change("attribute", "b", Optional.empty(), Optional.of("x y")),
            new Tap.Change("resource", "c", Optional.of("****"), Optional.empty()));
    feed.items.add(new Tap.Seen(span("s", "n"), List.of(), Optional.empty()));
    feed.items.add(new Tap.Seen(span("s", "n"), changes, Optional.empty()));
    feed.items.add(new Tap.Seen(span("s", "n"), List.of(), Optional.of("odd")));
    feed.passed = 3;
    String head = "2023-11-14T22:13:20.123456789Z traces s \"n\" server error 2.5ms";
    assertThat(send("mop:tap --diff attributes --limit 3"))
        .isEqualTo(
            "= " + head + "\n~ " + head + " a=1→2 +b=\"x y\" -resource:c=****\n- " + head + " dropped: odd\n0\n");
    assertThat(feed.look.diff()).isTrue();
    assertThat(feed.look.edge()).isEqualTo("processors.attributes");
    feed.items.add(new Tap.Seen(span("s", "n"), changes, Optional.empty()));
    assertThat(send("mop:tap --diff processors.attributes --limit 1 -o json"))
        .contains("\"dropped\":null,\"changes\":[{\"where\":\"attribute\",\"key\":\"a\",\"before\":1,\"after\":2},"
            + "{\"where\":\"attribute\",\"key\":\"b\",\"after\":\"x y\"},"
                + "{\"where\":\"resource\",\"key\":\"c\",\"before\":\"****\"}]}");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "service=cart", "name=GET*", "kind=server", "n=7", "host.name=h", "otel.scope.name=l*b", "signal=traces",
    "name=*cart*",
  })
  void conditions(String match) throws Exception {
    put(new Tap.Item(Signal.LOGS, 0, "no", "no", Map.of(), Map.of(), Map.of(), Map.of()));
    put(span("cart", "GET /cart"));
    String answer = send("mop:tap receivers.otlp --limit 1 --match '" + match + "'");
    assertThat(answer).contains(" \"GET /cart\" ")
        .endsWith("mop: 2 items passed, 1 were looked at, 1 were shown.\n0\n");
    assertThat(answer).doesNotContain("logs no");
    assertThat(feed.look.rate()).as("more are looked at than shown").isEqualTo(1_000);
  }

  @Test
  void noMoreThanTheRateIsShownInASecond() throws Exception {
    try (SocketChannel client = connect("mop:tap receivers.otlp --match kind=server --rate 2 --limit 3");
        BufferedReader lines = reader(client)) {
      for (int i = 0; i < 4; i++) put(span("s", "first" + i));
      assertThat(lines.readLine()).contains("first0");
      assertThat(lines.readLine()).contains("first1");
      ControlSocketTest.await("the others were looked at", feed.items::isEmpty);
      clock.addAndGet(TimeUnit.SECONDS.toNanos(6));
      put(span("s", "later"));
      assertThat(lines.readLine()).contains("later");
      assertThat(lines.readLine()).startsWith("mop: 5 items passed, ");
    }
  }

  /** Each line arrives while the command runs, and nothing keeps the sample open when nobody reads. */
  @Test
  void theClientsEndEndsIt() throws Exception {
    try (SocketChannel client = connect("mop:tap receivers.otlp"); BufferedReader lines = reader(client)) {
      put(span("s", "one"));
      assertThat(lines.readLine()).contains("\"one\"");
      put(span("s", "two"));
      assertThat(lines.readLine()).contains("\"two\"");
      assertThat(feed.closed.getCount()).isOne();
    }
    assertThat(feed.closed.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void theEnginesEndIsAFailure() throws Exception {
    feed.ended = Optional.of("MOP is stopping");
    assertThat(send("mop:tap receivers.otlp")).isEqualTo("mop: The sample has ended: MOP is stopping.\n1\n");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "exporters.none | 4 | mop: There is no edge \"exporters.none\"; there are: receivers.otlp,"
            + " processors.attributes.",
        "receivers.otlp --limit 0 | 2 | mop: --limit is \"0\", expected 1 or more.",
        "receivers.otlp --rate 1/m | 2 | mop: --rate is \"1/m\", expected 1 to 10000.",
        "receivers.otlp --rate 10001/s | 2 | mop: --rate is \"10001\", expected 1 to 10000.",
        "receivers.otlp --signal profiles | 2 | mop: Signal \"profiles\" is unknown: expected traces, metrics or logs.",
        "receivers.otlp --match x | 2 | mop: --match is \"x\", expected key=value.",
        "receivers.otlp -o xml | 2 | mop: Output \"xml\" is unknown: expected text or json.",
        "receivers.otlp --diff processors.attributes | 2 | mop: An edge and --diff name two places: expected",
        "receivers.otlp --unmasked | 2 | mop: \"--unmasked\": expected mop:tap",
        "receivers.otlp --limit | 2 | mop: --limit lacks its value: expected",
        "a b | 2 | mop: \"b\": expected mop:tap",
      })
  void whatIsAskedWronglyIsASentence(String line, String code, String message) throws Exception {
    assertThat(send("mop:tap " + line)).startsWith(message).endsWith("\n" + code + "\n");
  }

  private SocketChannel connect(String line) throws Exception {
    SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("mop.sock")));
    client.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    return client;
  }

  private static BufferedReader reader(SocketChannel client) {
    return new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.UTF_8));
  }
}
