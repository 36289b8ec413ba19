package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a new configuration replaces, keeps and refuses. */
class ReloadTest extends ReloadSetup {
  @Test
  void onlyWhatChangedIsReplacedAndItsStateGoesOn() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    Changes changes = rig.engine.apply(line("a", "b", "a"), false);
    assertThat(changes)
        .isEqualTo(
            new Changes(
                List.of(), List.of("processors.count"), List.of(),
                List.of("receivers.gate", "exporters.sink", "pipelines.traces")));
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(seen("processors.count")).isEqualTo(20);
    assertThat(closed(made("processors.count", "a"))).containsExactly(1, 1);
    assertThat(closed(made("processors.count", "b"))).containsExactly(0, 0);
    assertThat(closed(made("receivers.gate", "a"))).containsExactly(0);
    assertThat(closed(made("exporters.sink", "a"))).containsExactly(0);
    assertThat(events).containsExactly("start a");
  }

  @Test
  void theSameWrittenOtherwiseIsKept() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    Topology same =
        of(
            List.of(
                Rig.component(Kind.RECEIVER, "gate", new Keys("a", new Secret("s")), "text: 'a'", QUEUE),
                Rig.component(Kind.PROCESSOR, "count", new Keys("a", new Secret("other")), "text: a", QUEUE),
                Rig.component(Kind.EXPORTER, "sink", new Keys("a", new Secret("s")), "{text: a}", QUEUE)),
            pipeline("traces", "gate", List.of("count"), "sink"));
    Changes changes = rig.engine.apply(same, false);
    assertThat(changes.replaced()).as("its secret differs").containsExactly("processors.count");
    assertThat(changes.kept()).containsExactly("receivers.gate", "exporters.sink", "pipelines.traces");
    assertThat(rig.engine.apply(same, false).none()).isTrue();
    assertThat(made).hasSize(6);
  }

  @Test
  void aStateThatTheNewConfigurationCannotTakeFailsTheChangeUnlessItIsDiscarded() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    assertThatThrownBy(() -> rig.engine.apply(line("b", "amnesic", "b")))
        .isInstanceOf(ConfigError.class)
        .hasMessage(
            "mop.yaml:7: processors.count: its new configuration cannot take over the state it has: cannot read the"
                + " state: got seen/1, reads nothing; nothing was changed; "
                + "--discard-state starts it without that state");
    assertThat(events).as("the receiver was not touched").doesNotContain("close a", "start b");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(seen("processors.count")).isEqualTo(20);
    assertThat(closed(made("processors.count", "amnesic"))).isNotEmpty().containsOnly(1);
    assertThat(closed(made("exporters.sink", "b"))).containsExactly(1);
    rig.engine.apply(line("a", "amnesic", "a"), true);
    rig.send(21, 10, ack);
    allDeliveredOnce(30);
    assertThat(seen("processors.count")).isEqualTo(10);
  }

  @Test
  void aPartThatCannotBeMadeChangesNothing() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    assertThatThrownBy(() -> rig.engine.apply(line("b", "b", "impossible")))
        .isInstanceOf(ConfigError.class)
        .hasMessage("mop.yaml:7: text: something possible");
    assertThat(closed(made("receivers.gate", "b"))).containsExactly(1);
    assertThat(closed(made("processors.count", "b"))).containsExactly(1, 1);
    assertThat(events).containsExactly("start a", "close b");
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
  }

  @Test
  void whatAConfigurationHasTrippedAnotherOneCures() throws Exception {
    rig.engine.apply(line("a", "explosive", "a"));
    rig.send(1, 10, ack);
    Rig.await("tripped", () -> !rig.catalog.quarantine.isEmpty());
    Rig.await("parked", () -> held("pipelines.traces") == 10);
    rig.engine.apply(line("a", "calm", "a"));
    allDeliveredOnce(10);
    assertThat(rig.catalog.quarantine).isEmpty();
    assertThat(rig.health("processors.count").healthy()).isTrue();
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
  }

  @Test
  void memoryChangesAtOnceAndTooMuchOfItIsRefused() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    Topology line = line("a", "a", "a");
    Topology more = new Topology(line.components(), line.pipelines(), new Size(128 << 20), line.shutdown());
    assertThat(rig.engine.apply(more, false).replaced()).containsExactly("service.memory");
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(128 << 20);
    Topology endless = new Topology(line.components(), line.pipelines(), new Size(1L << 50), line.shutdown());
    assertThatThrownBy(() -> rig.engine.apply(endless))
        .isInstanceOf(ConfigError.class).hasMessageContaining("service.memory");
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(128 << 20);
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    Topology less = new Topology(line.components(), line.pipelines(), new Size(8 << 20), line.shutdown());
    rig.engine.apply(less);
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(8 << 20);
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
  }

  @Test
  void processorsInAnotherOrderKeepTheirState() throws Exception {
    List<Topology.Component> parts =
        List.of(
            part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a"), part(Kind.PROCESSOR, "count", "a"),
            part(Kind.PROCESSOR, "count/b", "a"), part(Kind.PROCESSOR, "count/c", "a"));
    rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("count", "count/b", "count/c"), "sink")));
    rig.send(1, 10, ack);
    Changes changes =
        rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("count/c", "count"), "sink")), false);
    assertThat(changes.replaced()).containsExactly("pipelines.traces");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(List.of(seen("processors.count"), seen("processors.count/b"), seen("processors.count/c")))
        .containsExactly(20L, 10L, 20L);
  }

  @Test
  void aPluginThatChangesAfterwardsIsGivenTheNewConfiguration() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.engine.apply(line("a", "b", "a"));
    rig.catalog.put(Kind.PROCESSOR, "count", 2, Keys.class, (k, x) -> new Made(x.id(), "2 with " + k.text()));
    assertThat(made("processors.count", "2 with b")).hasSize(2);
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
  }

  @Test
  void partsAreClosedOnceWhenAllEnds() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    for (String text : List.of("b", "c")) rig.engine.apply(line("a", text, text));
    rig.engine.stop(Duration.ofSeconds(5));
    Rig.await("all are closed", () -> made.stream().allMatch(m -> m.closed.get() > 0));
    assertThat(made).allSatisfy(m -> assertThat(m.closed).as(m.path + " " + m.text).hasValue(1));
  }
}
