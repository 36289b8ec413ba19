package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Counters;
import io.mop.testkit.Conversation.Part;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A million mutated conversations: nothing is thrown, nothing is kept, everything is accounted for. */
class FuzzTest {
  private static final int INPUTS = 1_000_000;
  private static final byte[] SPICE = Tap.bytes("\r\n\r\n: ,;0123456789afGHTP/1.?#@[]%-\0\t\377");

  @Test
  void mutatedInputs() {
    SplittableRandom random = new SplittableRandom(20261124);
    List<Fixture> fixtures = Fixture.all();
    byte[][] requests = fixtures.stream().map(f -> bytes(f, true)).toArray(byte[][]::new);
    byte[][] responses = fixtures.stream().map(f -> bytes(f, false)).toArray(byte[][]::new);
    Tap[] taps = {Tap.server(512), Tap.client()};
    for (int i = 0; i < INPUTS; i++) {
      Tap tap = taps[i & 1];
      int f = random.nextInt(requests.length);
      byte[] request = mutate(requests[f], random);
      byte[] response = mutate(responses[random.nextInt(8) == 0 ? random.nextInt(responses.length) : f], random);
      send(tap, true, request, random);
      send(tap, false, response, random);
      if (random.nextInt(4) == 0) tap.close().connect();
      if ((i & 0xffff) == 0) check(tap);
    }
    for (Tap tap : taps) {
      check(tap.close());
      assertThat(tap.count(Counters.STREAM_BYTES)).isLessThan(64 << 10);
      assertThat(tap.count(Counters.EXCHANGES_COMPLETED)).as("some are still right").isGreaterThan(10_000);
    }
  }

  private static void check(Tap tap) {
    tap.drain().forgetSpans();
    assertThat(tap.count(Counters.DECODER_FAILURES)).isZero();
    assertThat(tap.count(Counters.RECORDS_INVALID)).isZero();
    assertThat(tap.count(Counters.STREAM_BYTES)).isLessThanOrEqualTo(2 * (64 << 10));
    assertThat(tap.count(Counters.EXCHANGES))
        .isEqualTo(
            tap.count(Counters.EXCHANGES_COMPLETED)
                + tap.count(Counters.EXCHANGES_INCOMPLETE)
                + tap.count(Counters.EXCHANGES_IN_FLIGHT));
  }

  private static byte[] bytes(Fixture f, boolean request) {
    StringBuilder b = new StringBuilder();
    for (Part p : f.conversation().parts()) if (p.request() == request) b.append(p.bytes());
    return Tap.bytes(b.toString());
  }

  private static byte[] mutate(byte[] original, SplittableRandom random) {
    byte[] b = original.clone();
    for (int n = random.nextInt(4); n > 0 && b.length > 2; n--) {
      int at = random.nextInt(b.length - 1);
      switch (random.nextInt(5)) {
        case 0 -> b[at] = (byte) random.nextInt(256);
        case 1 -> b[at] = SPICE[random.nextInt(SPICE.length)];
        case 2 -> b = java.util.Arrays.copyOf(b, at + 1);
        case 3 -> System.arraycopy(b, at, b, random.nextInt(at + 1), b.length - at);
        default -> b = java.util.Arrays.copyOfRange(b, at, b.length);
      }
    }
    return b;
  }

  private static void send(Tap tap, boolean request, byte[] b, SplittableRandom random) {
    if (b.length == 0) return;
    if (random.nextInt(50) == 0) tap.lose(request, 1 + random.nextInt(100));
    int cap = random.nextInt(10) == 0 ? random.nextInt(b.length + 1) : b.length;
    tap.data(request, b, cap);
  }
}
