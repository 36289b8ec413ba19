package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Edits;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Logs;
import io.mop.api.data.Points;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.pipeline.Transform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransformHarnessTest {
  private final TestContext context = new TestContext("processors.test");
  private final Field key = context.fields().item("k");
  private final Field service = context.fields().resource("service.name");

  private List<TestSpan> apply(Transform transform, TestSpan... spans) {
    return new TransformHarness(context, transform).apply(List.of(spans));
  }

  private static TestSpan span(String name) {
    return TestSpan.of(name).attribute("k", "old").attribute("other", 1L).resource("service.name", "shop");
  }

  @Test
  void editsComeOut() {
    Transform transform =
        (items, edits) -> {
          while (items.next()) {
            if (((Spans) items).name().is(Text.of("a"))) edits.set(key, items.get(key).text().length());
            edits.set(service, Text.of("new"));
          }
        };
    assertThat(apply(transform, span("a"), span("b")))
        .containsExactly(
            span("a").attribute("k", 3L).resource("service.name", "new"), span("b").resource("service.name", "new"));
  }

  @Test
  void withoutEditsTheSpansStay() {
    assertThat(apply((items, edits) -> items.next(), span("a"), span("b"))).containsExactly(span("a"), span("b"));
  }

  @Test
  void droppedSpansAreGoneAndCounted() {
    Reason reason = new Reason("old");
    TransformHarness harness =
        new TransformHarness(context, (items, edits) -> {
          while (items.next()) if (items.get(key).present()) edits.drop(reason);
        });
    assertThat(harness.apply(List.of(span("a"), TestSpan.of("b"), span("c")))).containsExactly(TestSpan.of("b"));
    assertThat(harness.dropped()).containsOnly(java.util.Map.entry("old", 2));
    assertThat(harness.apply(List.of(span("a")))).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"logs", "metrics"})
  void recordsAndPointsGoThroughCursorsOfTheirOwn(String signal) {
    Reason reason = new Reason("b");
    TransformHarness harness =
        new TransformHarness(context, (items, edits) -> {
          while (items.next()) {
            Text name = items instanceof Logs logs ? logs.body().text() : ((Points) items).name();
            if (name.is(Text.of("b"))) {
              edits.drop(reason);
            } else {
              edits.set(key, items.get(key).text().length());
              edits.set(service, Text.of("new"));
            }
          }
        });
    List<TestSpan> items = List.of(span("a"), span("b"), span("c").scope("s", true));
    assertThat(signal.equals("logs") ? harness.applyToLogs(items) : harness.applyToMetrics(items))
        .containsExactly(
            span("a").attribute("k", 3L).resource("service.name", "new"),
            span("c").attribute("k", 3L).scope("s", true).resource("service.name", "new"));
    assertThat(harness.dropped()).containsOnly(java.util.Map.entry("b", 1));
  }

  /** Keeps what a call gave it and uses it in the next one, or after it. */
  private static final class Keeper implements Transform {
    private final Field field;
    private Runnable use = () -> {};

    Keeper(Field field) {
      this.field = field;
    }

    @Override
    public void apply(Items items, Edits edits) {
      use.run();
      items.next();
      Value value = items.get(field);
      Text text = value.text();
      use = () -> last.accept(new Object[] {items, value, text, edits});
    }

    Consumer<Object[]> last = kept -> {};
  }

  static List<Arguments> uses() {
    List<Arguments> uses = new ArrayList<>();
    uses.add(Arguments.of("next", (Consumer<Object[]>) k -> ((Items) k[0]).next()));
    uses.add(Arguments.of("span id", (Consumer<Object[]>) k -> ((Spans) k[0]).spanId()));
    uses.add(Arguments.of("value", (Consumer<Object[]>) k -> ((Value) k[1]).type()));
    uses.add(Arguments.of("text", (Consumer<Object[]>) k -> ((Text) k[2]).at(0)));
    uses.add(Arguments.of("edits", (Consumer<Object[]>) k -> ((Edits) k[3]).drop(new Reason("late"))));
    return uses;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uses")
  void whatAPartKeepsFailsInItsNextCallAndAfterIt(String name, Consumer<Object[]> use) {
    Keeper keeper = new Keeper(key);
    keeper.last = use;
    TransformHarness harness = new TransformHarness(context, keeper);
    harness.apply(List.of(span("a")));
    assertThatThrownBy(keeper.use::run).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> harness.apply(List.of(span("a")))).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void allocationIsOfTheCallOnly() {
    List<TestSpan> spans = new ArrayList<>();
    for (int i = 0; i < 1000; i++) spans.add(span("a" + i));
    Transform none =
        (items, edits) -> {
          while (items.next()) edits.set(key, items.get(key).text());
        };
    Transform some =
        (items, edits) -> {
          while (items.next()) edits.set(key, Text.of(items.get(key).text().toString()));
        };
    assertThat(new TransformHarness(context, none).allocated(spans)).isLessThan(1000);
    assertThat(new TransformHarness(context, some).allocated(spans)).isGreaterThan(16_000);
  }

  @Test
  void aBatchIsReadUntilItIsReleased() {
    TestBatch batch = TestBatch.traces(context, span("a"), span("b"));
    Spans spans = (Spans) batch.read();
    assertThat(spans.next()).isTrue();
    assertThat(spans.get(service).text().toString()).isEqualTo("shop");
    assertThat(batch.items()).isEqualTo(2);
    batch.release();
    assertThatThrownBy(spans::next).isInstanceOf(IllegalStateException.class);
    assertThat(batch.wire().get(0)).isEqualTo((byte) -1);
    assertThatThrownBy(() -> TestBatch.of(Signal.TRACES, new byte[] {1})).isInstanceOf(AssertionError.class);
  }

  @Test
  void logsAndPointsHaveWhatTheSpansHave() throws Exception {
    List<TestSpan> spans = List.of(span("a"), span("b").attribute("k", 5L));
    Logs logs = (Logs) TestBatch.logs(context, spans).read();
    Points points = (Points) TestBatch.metrics(context, spans).read();
    for (TestSpan span : spans) {
      assertThat(logs.next()).isTrue();
      assertThat(logs.time()).isEqualTo(span.start());
      assertThat(points.next()).isTrue();
      assertThat(points.name().toString()).isEqualTo(span.name());
      assertThat(List.of(points.time(), points.integer())).containsExactly(span.start(), 1L);
      for (Items items : List.of(logs, points)) {
        assertThat(items.get(key).type()).isEqualTo(span.name().equals("a") ? Value.Type.TEXT : Value.Type.INT);
        assertThat(items.get(service).text().toString()).isEqualTo("shop");
      }
    }
    assertThat(List.of(logs.next(), points.next())).containsOnly(false);
  }

  @Test
  void aContextKeepsWhatAPartSaidAndDid() throws Exception {
    context.counter("sent", "By", "").add(3);
    context.counter("lost", "1", "");
    assertThat(context.count("lost")).isZero();
    assertThat(context.counted()).containsOnly(java.util.Map.entry("sent", 3L));
    assertThatThrownBy(() -> context.count("none")).hasMessage("no counter 'none'; there are [lost, sent]");
    assertThatThrownBy(() -> context.counter("sent", "", "").add(-1)).isInstanceOf(IllegalArgumentException.class);
    var task = context.every(Duration.ofSeconds(2), () -> context.unhealthy("tick"));
    assertThat(context.periods()).containsExactly(Duration.ofSeconds(2));
    context.tick();
    assertThat(context.unhealthy()).contains("tick");
    context.healthy();
    task.close();
    context.tick();
    assertThat(context.unhealthy()).isEmpty();
    assertThat(context.health()).containsExactly("tick", "healthy");
    context.advance(Duration.ofSeconds(1));
    assertThat(context.now()).isEqualTo(TestContext.NOW + 1_000_000_000);
    Path directory = context.directory();
    Files.writeString(directory.resolve("state"), "x");
    assertThat(context.directory()).isEqualTo(directory);
    context.close();
    assertThat(directory).doesNotExist();
  }
}
