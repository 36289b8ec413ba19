package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Collected.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Both ends of connections, cut into system calls at random at each, their records in any order between the two. */
class LinkPropertyTest {
  private static final int CONNECTIONS = 3;
  private static final int EXCHANGES = 15;

  private final Collected sink = new Collected();
  private final Capture capture = LinksTest.capture(sink);

  @Property(tries = 1000)
  void everyServerIsJoinedWithoutALoss(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int depth) {
    run(new Random(seed), depth, 0);
    Map<Long, Span> clients = right();
    assertThat(clients).hasSize(CONNECTIONS * EXCHANGES);
    assertThat(servers()).hasSize(CONNECTIONS * EXCHANGES).allMatch(s -> clients.containsKey(s.parent()));
    assertThat(capture.counters().get(Counters.SPANS_UNJOINED)).isZero();
  }

  @Property(tries = 1000)
  void noneIsJoinedWrongWithLosses(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 8) int depth,
      @ForAll @IntRange(min = 1, max = 30) int percent) {
    run(new Random(seed), depth, percent / 100.0);
    right();
    assertThat(capture.counters().get(Counters.DECODER_FAILURES)).isZero();
  }

  private List<Span> servers() {
    return sink.spans.stream().filter(s -> s.kind() == SpanSink.SERVER).toList();
  }

  /** Clients by their span's id. */
  private Map<Long, Span> right() {
    Map<Long, Span> clients =
        sink.spans.stream().filter(s -> s.kind() == SpanSink.CLIENT).collect(Collectors.toMap(Span::id, s -> s));
    for (Span server : servers()) {
      Span client = clients.get(server.parent());
      if (client == null) continue;
      assertThat(server.get("url.path")).isEqualTo(client.get("url.path"));
      assertThat(server.traceLow()).isEqualTo(client.traceLow());
    }
    return clients;
  }

  private void run(Random random, int depth, double drops) {
    List<Queue<Runnable>> ends = new ArrayList<>();
    for (int c = 0; c < CONNECTIONS; c++) {
      Both both = new Both(capture, 40_000 + c);
      both.exchange("/first" + c);
      sink.spans.clear();
      List<String> script = script(c, random, depth);
      ends.add(records(script, both.client, Record.SEND, random, drops));
      ends.add(records(script, both.server, Record.RECV, random, drops));
    }
    while (!ends.isEmpty()) {
      int which = random.nextInt(ends.size());
      ends.get(which).remove().run();
      ends.removeIf(Queue::isEmpty);
    }
    capture.close();
  }

  /** Requests, and the answer to the first that waits. */
  private static List<String> script(int connection, Random random, int depth) {
    List<String> script = new ArrayList<>();
    int open = 0;
    for (int sent = 0; sent < EXCHANGES || open > 0; ) {
      boolean ask = sent < EXCHANGES && (open == 0 || open < depth && random.nextBoolean());
      script.add(ask ? Both.message("/" + connection + "/" + sent++) : "R\n");
      open += ask ? 1 : -1;
    }
    return script;
  }

  private static Queue<Runnable> records(List<String> script, Wire wire, int requestDir, Random random, double drops) {
    Queue<Runnable> records = new ArrayDeque<>();
    for (String message : script) {
      int dir = message.charAt(0) == 'Q' ? requestDir : 1 - requestDir;
      for (int at = 0; at < message.length(); ) {
        int n = 1 + random.nextInt(message.length() - at);
        String piece = message.substring(at, at + n);
        at += n;
        if (random.nextDouble() < drops) records.add(() -> wire.lose(dir, piece.length()));
        else if (dir == Record.RECV) records.add(() -> wire.recv(piece));
        else records.add(() -> wire.send(piece));
      }
    }
    return records;
  }
}
