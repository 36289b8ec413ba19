package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.capture.Stream.Gap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ByteStreamTest {
  private static final int CUT = -1;
  private final Buffers buffers = new Buffers(1 << 20);
  private final ByteStream stream = new ByteStream(buffers, 1 << 16);
  private boolean taken;
  private final Wire wire = new Wire(1, r -> taken = stream.append(r, r.rx() - r.len()));

  @Test
  void cutBytesExistButCannotBeRead() throws Gap {
    wire.recv(Wire.bytes("abcdef"), 3).recv("gh");
    assertThat(stream.length()).isEqualTo(8);
    assertThat(stream.at(2)).isEqualTo((byte) 'c');
    assertThatThrownBy(() -> stream.at(3)).isSameAs(Gap.GAP);
    assertThat(stream.at(6)).isEqualTo((byte) 'g');
    assertThat(stream.find((byte) 'c', 0, 99)).isEqualTo(2);
    assertThat(stream.find((byte) 'x', 0, 3)).isEqualTo(-1);
    assertThatThrownBy(() -> stream.find((byte) 'x', 0, 4)).isSameAs(Gap.GAP);
    assertThat(stream.find((byte) 'h', 6, 99)).isEqualTo(7);
    assertThatThrownBy(() -> stream.text(2, 7)).isSameAs(Gap.GAP);
    assertThat(stream.text(6, 8)).hasToString("gh");
    assertThat(stream.time(5)).isEqualTo(1_001_000);
    assertThat(stream.time(6)).isEqualTo(1_002_000);
    stream.skip(4);
    assertThatThrownBy(() -> stream.at(1)).isSameAs(Gap.GAP);
    assertThat(stream.at(2)).isEqualTo((byte) 'g');
  }

  @Test
  void rangesAreChecked() {
    wire.recv("ab");
    assertThatThrownBy(() -> stream.at(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.at(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.time(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.skip(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.skip(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.text(1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> stream.find((byte) 0, -1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void memoryIsBoundedAndGivenBack() {
    byte[] big = new byte[60_000];
    wire.recv(big);
    assertThat(taken).isTrue();
    wire.recv(big);
    assertThat(taken).isFalse();
    assertThat(stream.length()).isEqualTo(60_000);
    wire.recv(big, 0);
    assertThat(taken).as("cut bytes take no memory").isTrue();
    stream.skip(120_000);
    assertThat(buffers.out()).isZero();
    wire.recv(new byte[1]);
    for (int i = 0; i < 20_000 && taken; i++) wire.recv(new byte[1]);
    assertThat(taken).as("the number of records is bounded").isFalse();
  }

  @Test
  void allStreamsTogetherAreBounded() {
    List<ByteStream> streams = new ArrayList<>();
    Buffers small = new Buffers(100_000);
    boolean[] all = {true};
    for (int i = 0; i < 10; i++) {
      ByteStream s = new ByteStream(small, 1 << 16);
      streams.add(s);
      new Wire(1, r -> all[0] &= s.append(r, 0)).recv(new byte[20_000]);
    }
    assertThat(all[0]).isFalse();
    assertThat(small.out()).isBetween(20_000L, 100_000L);
    streams.forEach(ByteStream::clear);
    assertThat(small.out()).isZero();
  }

  @Property(tries = 1000)
  void isWhatAListWouldBe(@ForAll long seed) {
    Random random = new Random(seed);
    List<Integer> model = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      byte[] bytes = new byte[1 + random.nextInt(700)];
      for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) ('a' + random.nextInt(4));
      int cap = random.nextInt(3) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
      wire.recv(bytes, cap);
      assertThat(taken).isTrue();
      for (int i = 0; i < bytes.length; i++) {
        model.add(i < cap ? (int) bytes[i] : CUT);
        times.add(wire.now);
      }
      for (int check = 0; check < 5 && !model.isEmpty(); check++) compare(model, times, random);
      int n = random.nextInt(model.size() + 1);
      stream.skip(n);
      model.subList(0, n).clear();
      times.subList(0, n).clear();
      assertThat(stream.length()).isEqualTo(model.size());
    }
    stream.skip(stream.length());
    assertThat(buffers.out()).isZero();
  }

  private void compare(List<Integer> model, List<Long> times, Random random) {
    int i = random.nextInt(model.size());
    int to = i + random.nextInt(Math.min(50, model.size() - i) + 1);
    byte wanted = (byte) ('a' + random.nextInt(5));
    assertThat(stream.time(i)).isEqualTo(times.get(i));
    assertThat(at(i)).isEqualTo(model.get(i));
    int found = -1;
    for (int p = i; p < to && found == -1; p++) {
      if (model.get(p) == CUT) found = -2;
      else if (model.get(p) == wanted) found = p;
    }
    assertThat(find(wanted, i, to)).isEqualTo(found);
    StringBuilder text = new StringBuilder();
    for (int p = i; p < to; p++) text.append((char) (int) model.get(p));
    assertThat(text(i, to)).isEqualTo(model.subList(i, to).contains(CUT) ? "gap" : text.toString());
  }

  private int at(int i) {
    try {
      return stream.at(i);
    } catch (Gap e) {
      return CUT;
    }
  }

  private int find(byte b, int from, int to) {
    try {
      return stream.find(b, from, to);
    } catch (Gap e) {
      return -2;
    }
  }

  private String text(int from, int to) {
    try {
      return stream.text(from, to).toString();
    } catch (Gap e) {
      return "gap";
    }
  }
}
