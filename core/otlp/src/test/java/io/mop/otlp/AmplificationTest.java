package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What few bytes on the wire may cost in an index. */
class AmplificationTest {
  private static final Map<Class<?>, Integer> WIDTH = Map.of(int.class, 4, long.class, 8, boolean.class, 1);

  /** The bytes {@code n} times. */
  private static byte[] times(int n, String hex) {
    byte[] one = Hex.bytes(hex);
    byte[] all = new byte[n * one.length];
    for (int i = 0; i < all.length; i++) all[i] = one[i % one.length];
    return all;
  }

  private static ItemIndex index(Signal signal) {
    return switch (signal) {
      case TRACES -> new SpanIndex();
      case METRICS -> new PointIndex();
      case LOGS -> new LogIndex();
    };
  }

  /** Bytes of all arrays of an index but the copy of the request. */
  private static long memory(ItemIndex index) {
    long bytes = 0;
    try {
      for (Class<?> c = index.getClass(); c != Object.class; c = c.getSuperclass()) {
        for (Field f : c.getDeclaredFields()) {
          if (!f.getType().isArray() || f.getName().equals("wire")) continue;
          bytes += (long) Array.getLength(f.get(index)) * WIDTH.get(f.getType().getComponentType());
        }
      }
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    return bytes;
  }

  /** A request of {@code n} empty messages of one kind, as few bytes as there can be. */
  private static byte[] empty(Signal signal, String what, int n) {
    return switch (what) {
      case "resources" -> times(n, "0a00");
      case "scopes" -> Hex.field(1, times(n - 1, "1200"));
      case "metrics", "spans", "logs" -> Hex.field(1, Hex.field(2, times(n - 2, "1200")));
      case "points" -> Hex.field(1, Hex.field(2, Hex.field(2, Hex.field(5, times(n - 3, "0a00")))));
      case "metrics with a point" -> Hex.field(1, Hex.field(2, times((n - 2) / 2, "1204 2a02 0a00")));
      default -> throw new AssertionError(what);
    };
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource({
    "TRACES, resources", "TRACES, scopes", "TRACES, spans", "METRICS, metrics", "METRICS, points",
    "METRICS, metrics with a point", "LOGS, logs"
  })
  void asManyAsAllowedFitTheStatedMemoryAndOneMoreIsRefused(Signal signal, String what) throws Exception {
    byte[] most = empty(signal, what, Structure.ROWS);
    Structure.check(signal, ByteBuffer.wrap(most));
    ItemIndex index = index(signal);
    index.scan(Schema.EMPTY, ByteBuffer.wrap(most));
    assertThat(memory(index)).isBetween((long) most.length, (long) Structure.INDEX);

    byte[] more = empty(signal, what, Structure.ROWS + (what.endsWith("with a point") ? 2 : 1));
    assertThatThrownBy(() -> Structure.check(signal, ByteBuffer.wrap(more)))
        .isInstanceOf(Malformed.class)
        .hasMessageMatching("the request has 26214[56] resources, scopes, metrics and items in " + more.length
            + " bytes; expected at most 262144");
  }

  @Test
  void smallDataPointsFillADefaultRequest() throws Exception {
    // time_unix_nano and as_int
    byte[] point = Hex.field(1, Hex.bytes("19 0000000000000001 31 0000000000000001"));
    byte[] points = new byte[(4 << 20) / point.length * point.length - 40 * point.length];
    for (int i = 0; i < points.length; i++) points[i] = point[i % point.length];
    byte[] wire = Hex.field(1, Hex.field(2, Hex.field(2, Hex.text(1, "m"), Hex.field(5, points))));
    assertThat(wire.length).isLessThanOrEqualTo(4 << 20);
    assertThat(Structure.check(Signal.METRICS, ByteBuffer.wrap(wire))).isEqualTo(points.length / point.length);
  }

  /** Any mixture that is accepted: 192 bytes a row and 16 KiB, and never more than is stated. */
  @Property(tries = 60)
  void indexMemoryIsBounded(
      @ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(min = 1, max = 19) int magnitude) {
    Random random = new Random(seed);
    byte[][] parts = new byte[1 + random.nextInt(4)][];
    for (int i = 0; i < parts.length; i++) {
      int n = 8 + random.nextInt(1 << magnitude);
      String[] kinds = switch (signal) {
        case TRACES -> new String[] {"resources", "scopes", "spans"};
        case METRICS -> new String[] {"resources", "scopes", "metrics", "points", "metrics with a point"};
        case LOGS -> new String[] {"resources", "scopes", "logs"};
      };
      parts[i] = empty(signal, kinds[random.nextInt(kinds.length)], n);
    }
    byte[] wire = Hex.concat(parts);
    int items;
    try {
      items = Structure.check(signal, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      assertThat(e).hasMessageEndingWith("expected at most " + Structure.ROWS);
      assertThat(wire.length).isGreaterThan(2 * Structure.ROWS);
      return;
    }
    ItemIndex index = index(signal);
    index.scan(Schema.EMPTY, ByteBuffer.wrap(wire));
    assertThat(index.items).isEqualTo(items);
    long rows = (long) index.items + index.metrics + index.scopes + index.resources;
    assertThat(rows).isLessThanOrEqualTo(Structure.ROWS);
    assertThat(memory(index)).as("%s rows in %s bytes", rows, wire.length)
        .isLessThanOrEqualTo(Math.min(Structure.INDEX, 192 * rows + (16 << 10)));
  }
}
