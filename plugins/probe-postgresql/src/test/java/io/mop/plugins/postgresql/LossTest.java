package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Each statement fails with a code that tells its table: a wrong pair shows, whatever is dropped or cut. That the
 * client pipelines is seen at its start, as the capture core asks for.
 */
class LossTest {
  private static final int BATCHES = 40;

  private record Batch(String request, String response) {}

  @Property(tries = 1000)
  void pairsAreRightWhateverIsLost(
      @ForAll long seed, @ForAll boolean server, @ForAll @IntRange(min = 0, max = 20) int percent) {
    Random random = new Random(seed);
    TestContext context = new TestContext("protocols.postgresql");
    TestConnection c = connection(server, context);
    List<String> asked = new ArrayList<>();
    int depth = 1 + random.nextInt(4);
    int lost = 0;
    ArrayDeque<Batch> open = new ArrayDeque<>();
    for (int n = 0; n < BATCHES || !open.isEmpty(); ) {
      int drops = n < 3 ? 0 : percent;
      boolean ask = n < 2 || open.isEmpty() || random.nextBoolean();
      if (n < BATCHES && open.size() < depth && ask) {
        if (open.isEmpty() && random.nextInt(6) == 0) c.later(2_000_000_000L);
        Batch batch = batch(n++, random, asked);
        lost += pass(c, random, true, batch.request, drops);
        open.add(batch);
      } else {
        lost += pass(c, random, false, open.poll().response, drops);
      }
    }
    List<String> seen = Tap.statements(c.close().check().spans());
    assertThat(seen.stream().filter(s -> s.matches(".* !\\d+"))).doesNotHaveDuplicates();
    assertThat(seen).allSatisfy(s -> assertThat(isOneOf(asked, s)).as("%s of %s", s, asked).isTrue());
    if (lost == 0) assertThat(seen).isEqualTo(asked);
    assertThat(c.count("stream_bytes")).isZero();
  }

  /** The code tells which; the text may be cut, or unknown. Where rows were, an error behind them may be unseen. */
  private static boolean isOneOf(List<String> asked, String seen) {
    String[] parts = seen.split(" !4");
    if (parts.length == 1 && (seen.equals("<test>") || seen.endsWith(" !_OTHER"))) return true;
    if (parts.length == 1) return asked.stream().anyMatch(a -> a.startsWith(seen));
    String text = asked.get(Integer.parseInt(parts[1])).split(" !")[0];
    return parts[0].equals("<test>") || text.startsWith(parts[0]) || parts[0].equals("<SELECT>");
  }

  private static TestConnection connection(boolean server, TestContext context) {
    var protocol = Tap.protocol(context);
    return server ? TestConnection.atServer(protocol) : TestConnection.atClient(protocol);
  }

  private static Batch batch(int n, Random random, List<String> asked) {
    String table = "t" + (char) ('a' + n % 26) + (char) ('a' + n / 26);
    String sql = "select a from " + table + " where b = " + n;
    String state = "4%04d".formatted(n);
    String text = "select a from " + table + " where b = ?";
    String row = Tap.row("x".repeat(random.nextInt(300)), Tap.complete("SELECT 1") + Tap.ready());
    String rows = row.repeat(random.nextInt(4));
    asked.add(text + " !" + state);
    if (random.nextBoolean()) {
      return new Batch(Tap.query(sql), Tap.columns("a") + rows + Tap.error(state) + Tap.ready());
    }
    String name = random.nextBoolean() ? "" : "s" + n;
    String request = Tap.parse(name, sql) + Tap.bind("", name, "5") + Tap.execute("") + Tap.sync();
    boolean early = random.nextInt(4) == 0;
    String bound = early ? "" : Tap.message('2', "") + rows;
    return new Batch(request, Tap.message('1', "") + bound + Tap.error(state) + Tap.ready());
  }

  /** In pieces, some of which are lost or cut; answers how many. */
  private static int pass(TestConnection c, Random random, boolean request, String bytes, int percent) {
    int lost = 0;
    boolean whole = random.nextInt(3) > 0;
    for (int at = 0; at < bytes.length(); ) {
      int n = whole ? bytes.length() : Math.min(bytes.length() - at, 1 + random.nextInt(100));
      byte[] piece = bytes.substring(at, at += n).getBytes(StandardCharsets.ISO_8859_1);
      int captured = random.nextInt(100) < percent ? random.nextInt(n + 1) : n;
      boolean drop = random.nextInt(100) < percent / 2;
      if (drop || captured < n) lost++;
      if (drop) c.lose(request, n);
      else c.data(request, piece, captured);
    }
    return lost;
  }
}
