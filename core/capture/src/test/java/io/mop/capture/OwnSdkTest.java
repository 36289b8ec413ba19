package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnSdkTest {
  private static final int APP = 4711;
  private static final String SDK = "process 4711 has an OpenTelemetry SDK of its own: ";
  private static final String BY_CONTEXT = SDK + "it sent a traceparent of its own to 10.0.0.2:9000";

  private final Machine machine = new Machine();
  private final Collected sink = new Collected();
  private final Capture capture = capture(true);
  private long next = 1;

  private static final class Machine implements Processes {
    final Map<Integer, Resource> resources = new HashMap<>();
    Set<Integer> ports = Set.of(Wire.SERVER_PORT);
    boolean hidden;

    @Override
    public Resource resource(int tgid) {
      return resources.computeIfAbsent(tgid, t -> new Resource(t, 1, Map.of()));
    }

    @Override
    public boolean listens(int tgid, int port) {
      return ports.contains(port);
    }

    @Override
    public Optional<Set<Integer>> listening(int tgid) {
      return hidden ? Optional.empty() : Optional.of(ports);
    }

    @Override
    public int tgid(int tid) {
      return tid;
    }
  }

  private Capture capture(boolean suppress) {
    Capture c = new Capture(sink, Limits.standard(), t -> t, machine);
    if (suppress) c.suppressOwnSdk();
    c.protocols(List.of(new NamedProtocol("calls", new Calls())));
    return c;
  }

  private Wire server() {
    return new Wire(next++, capture).openServer();
  }

  private Wire client() {
    return client(capture);
  }

  private Wire client(Capture to) {
    return new Wire(next++, to).open(40_000, 9000);
  }

  private long suppressed() {
    return capture.counters().get(Counters.SPANS_SUPPRESSED);
  }

  @Test
  void oneThatSendsOtlpHasAnSdk() {
    server().recv("QGET /cart 0 0\n").send("R\n");
    client().send("QPOST /v1/traces 0 0\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).contains(SDK + "it sent OTLP to 10.0.0.2:9000");
    server().recv("QGET /cart 0 0\n").send("R\n");
    assertThat(sink.spans).hasSize(1);
    assertThat(suppressed()).isEqualTo(2);
    assertThat(capture.counters().get(Counters.EXCHANGES_COMPLETED)).isEqualTo(3);
  }

  @Test
  void otlpMayHaveAPrefixAndNothingElse() {
    for (String call : List.of("GET /v1/traces", "POST /v1/traces/1", "POST v1/traces", "POST /v1/metrics")) {
      client().send("Q" + call + " 0 0\n").recv("R\n");
    }
    assertThat(capture.ownSdk(APP)).isEmpty();
    client().send("QPOST /otlp/v1/traces 0 0\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isPresent();
  }

  @Test
  void oneThatReceivesOtlpPassesItOn() {
    Wire in = server().recv("QPOST /v1/traces 0 0\n");
    client().send("QPOST /v1/traces 0 0\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).as("until its own request is answered").isPresent();
    in.send("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    client().send("QPOST /v1/traces 0 0\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    assertThat(sink.spans).hasSize(2);
    assertThat(suppressed()).isEqualTo(1);
  }

  @Test
  void anotherParentInAReceivedTraceIsTheWorkOfAnSdk() {
    machine.ports = Set.of(Wire.SERVER_PORT, 9999);
    Wire in = server().recv("QGET /cart 5 50\n");
    client().send("QGET /price 5 51\n").recv("R\n");
    in.send("R\n");
    assertThat(capture.ownSdk(APP)).contains(BY_CONTEXT);
    assertThat(sink.spans).isEmpty();
    assertThat(suppressed()).isEqualTo(2);
  }

  @Test
  void aProxyIsNoSdk() {
    Wire in = server().recv("QGET /cart 5 50\n");
    client().send("QGET /cart 5 50\n").recv("R\n");
    in.send("R\n");
    // the record of a request was lost
    client().send("QGET /cart 6 60\n").recv("R\n");
    client().send("QGET /cart 5 51\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    assertThat(sink.spans).hasSize(4);
  }

  @Test
  void aProxyWhoseFirstRequestWasMissedIsKnownByTheNext() {
    machine.ports = Set.of();
    client().send("QGET /cart 5 50\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isPresent();
    server().recv("QGET /cart 6 60\n");
    client().send("QGET /cart 6 60\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    assertThat(suppressed()).isEqualTo(1);
  }

  @Test
  void aProcessThatOnlyCallsMakesItsContexts() {
    machine.ports = Set.of();
    client().send("QGET /price 0 0\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    client().send("QGET /price 5 50\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).contains(BY_CONTEXT);
  }

  @Test
  void whatCannotBeReadMayHaveBroughtTheContext() {
    machine.ports = Set.of(Wire.SERVER_PORT, 443);
    server().recv("QGET /cart 0 0\n").send("R\n");
    for (int i = 1; i < 20; i++) client().send("QGET /price " + i + " 50\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
    machine.ports = Set.of(Wire.SERVER_PORT);
    for (int i = 20; i < 40; i++) client().send("QGET /price " + i + " 50\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).as("every port answers readable requests").contains(BY_CONTEXT);
  }

  @Test
  void aProcessThatMayNotBeLookedAtMayListen() {
    machine.hidden = true;
    client().send("QGET /price 5 50\n").recv("R\n");
    assertThat(capture.ownSdk(APP)).isEmpty();
  }

  @Test
  void eachProcessIsItsOwn() {
    Wire in = server().recv("QGET /cart 5 50\n");
    Wire other = new Wire(next++, capture);
    other.tgid = 12;
    other.open(40_001, 9000).send("QGET /price 5 50\n").recv("R\n");
    assertThat(capture.ownSdk(12)).as("it did not receive this itself").isEmpty();
    other.send("QPOST /v1/traces 0 0\n").recv("R\n");
    in.send("R\n");
    assertThat(capture.ownSdk(12)).isPresent();
    assertThat(capture.ownSdk(APP)).isEmpty();
    assertThat(sink.spans).extracting(s -> s.process().tgid()).containsExactly(12, APP);
  }

  @Test
  void theSpansCanBeKept() {
    Capture keeping = capture(false);
    client(keeping).send("QPOST /v1/traces 0 0\n").recv("R\n");
    assertThat(keeping.ownSdk(APP)).isPresent();
    assertThat(sink.spans).hasSize(1);
    assertThat(keeping.counters().get(Counters.SPANS_SUPPRESSED)).isZero();
  }
}
