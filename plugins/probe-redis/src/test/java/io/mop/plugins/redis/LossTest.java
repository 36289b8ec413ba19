package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Each command has a name of its own, and tells by it the error or number of values that it is answered with: a wrong
 * pair shows, whatever is dropped or cut. Values look like commands and replies.
 */
class LossTest {
  private static final String[] COMMANDS =
      ("APPEND BITCOUNT BITOP BITPOS COPY DBSIZE DECR DECRBY DEL DUMP ECHO EVAL EXISTS EXPIRE GEOADD GEODIST GET "
              + "GETBIT GETDEL GETEX GETRANGE GETSET HDEL HEXISTS HGET HGETALL HINCRBY HKEYS HLEN HMGET HMSET HSCAN "
              + "HSET HSETNX HSTRLEN HVALS INCR INCRBY KEYS LCS LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS LPUSH LPUSHX "
              + "LRANGE LREM LSET LTRIM MGET MSET MSETNX PERSIST PEXPIRE PFADD PFCOUNT")
          .split(" ");
  /** As many words as each command takes at least. */
  private static final int[] WORDS = Arrays.stream(COMMANDS).mapToInt(LossTest::least).toArray();
  private static final ErrorPrefix[] ERRORS = ErrorPrefix.values();

  private record Message(String head, String value, String end) {
    String all() {
      return head + value + end;
    }
  }

  @Property(tries = 1500)
  void pairsAreRightWhateverIsLost(
      @ForAll long seed,
      @ForAll boolean server,
      @ForAll @IntRange(min = 1, max = 32) int depth,
      @ForAll @IntRange(min = 0, max = 20) int percent) {
    Random random = new Random(seed);
    Tap tap = server ? Tap.server() : Tap.client();
    List<String> asked = new ArrayList<>();
    int lost = play(tap, random, depth, percent, asked);
    tap.close();
    assertThat(tap.exchanges()).isSubsetOf(asked).doesNotHaveDuplicates();
    if (lost == 0) assertThat(tap.exchanges()).hasSize(COMMANDS.length);
    assertThat(tap.count("exchanges"))
        .isEqualTo(tap.count("exchanges_completed") + tap.count("exchanges_incomplete"));
    assertThat(tap.count("stream_bytes")).isZero();
  }

  /** Answers how many records were dropped, or cut where they are needed; {@code told} gets what each exchange is. */
  private static int play(Tap tap, Random random, int depth, int percent, List<String> told) {
    ArrayDeque<Message> open = new ArrayDeque<>();
    int lost = 0;
    for (int asked = 0; asked < COMMANDS.length || !open.isEmpty(); ) {
      boolean start = asked < 2;
      boolean ask = asked < COMMANDS.length && open.size() < depth && (start || open.isEmpty() || random.nextBoolean());
      if (ask && open.isEmpty() && random.nextInt(6) == 0) tap.connection.later(2_000_000_000L);
      if (ask) {
        ErrorPrefix error = ERRORS[asked % ERRORS.length];
        told.add(COMMANDS[asked] + (error == ErrorPrefix.NONE ? "" : " !" + error.type));
        lost += pass(tap, random, true, command(asked, random), start ? 0 : percent);
        open.add(reply(error, random));
        asked++;
      } else {
        if (random.nextInt(5) == 0) lost += pass(tap, random, false, push(random), asked <= 2 ? 0 : percent);
        lost += pass(tap, random, false, open.poll(), asked <= 2 ? 0 : percent);
      }
    }
    return lost;
  }

  /** The last argument is the value. */
  private static Message command(int n, Random random) {
    int words = WORDS[n];
    String head = "*" + words + "\r\n" + Tap.bulk(COMMANDS[n]);
    for (int i = 2; i < words; i++) head += Tap.bulk("key");
    String value = words > 1 ? text(random) : "";
    return words > 1 ? new Message(head + "$" + value.length() + "\r\n", value, "\r\n") : new Message(head, "", "");
  }

  private static int least(String command) {
    int words = 1;
    while (!MessageStartTest.starts(Tap.array(Tap.words(command, words)))) words++;
    return words;
  }

  private static Message reply(ErrorPrefix error, Random random) {
    if (error == ErrorPrefix.OTHER) return new Message("-Oops\r\n", "", "");
    if (error != ErrorPrefix.NONE) return new Message("-" + error.type + " what happened\r\n", "", "");
    String value = text(random);
    return new Message("*2\r\n:1\r\n$" + value.length() + "\r\n", value, "\r\n");
  }

  private static Message push(Random random) {
    String value = text(random);
    return new Message(">3\r\n" + Tap.bulk("message") + Tap.bulk("c") + "$" + value.length() + "\r\n", value, "\r\n");
  }

  /** Something that looks like messages, from anywhere in one. */
  private static String text(Random random) {
    String some = Tap.array("RPUSH", "a", "b") + "-ERR no\r\n+OK\r\nping\r\n" + Tap.bulk("x") + "*1\r\n:1\r\n";
    int from = random.nextBoolean() ? 0 : random.nextInt(some.length());
    return some.repeat(6).substring(from, from + random.nextInt(300));
  }

  private static int pass(Tap tap, Random random, boolean request, Message m, int percent) {
    String all = m.all();
    boolean whole = random.nextInt(3) > 0;
    int lost = 0;
    int needed = m.head().length();
    for (int at = 0; at < all.length(); ) {
      int n = whole ? all.length() : Math.min(all.length() - at, 1 + random.nextInt(60));
      String piece = all.substring(at, at + n);
      if (random.nextInt(100) < percent) {
        tap.lose(request, n);
        lost++;
      } else if (random.nextBoolean()) {
        tap.data(request, piece, Math.max(0, Math.min(n, needed - at)));
      } else if (percent > 0 && random.nextInt(20) == 0) {
        tap.data(request, piece, random.nextInt(n + 1));
        lost++;
      } else {
        tap.data(request, piece, n);
      }
      at += n;
    }
    return lost;
  }
}
