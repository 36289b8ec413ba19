package io.mop.testkit;

import io.mop.testkit.Conversation.Part;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes conversations that are nearly right: of each fixture some bytes, lengths, pieces or records are changed. */
final class Mutator {
  private static final int MOST = 16 << 10;
  private static final int RANGE = 256;
  private static final long[] NUMBERS = {0, 1, -1, 255, 65_536, 1 << 24, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE};
  private static final byte[] NONE = {};

  /**
   * One system call.
   *
   * @param captured how many of the bytes are captured; {@link #LOST} if the record is lost
   */
  record Piece(boolean request, byte[] bytes, int captured, boolean ends) {
    static final int LOST = -1;

    Piece with(byte[] changed) {
      return new Piece(request, changed, changed.length, ends);
    }

    /** As a line of {@link Conversation}'s files, what is missing of it in a comment before. */
    @Override
    public String toString() {
      if (ends) return "<|\n";
      if (bytes.length == 0) return "";
      String missing = captured == LOST ? "# lost\n" : captured < bytes.length ? "# captured: " + captured + "\n" : "";
      StringBuilder line = new StringBuilder(missing).append(request ? "> " : "< ");
      for (byte b : bytes) {
        if (b == '\r') line.append("\\r");
        else if (b == '\n') line.append("\\n");
        else if (b == '\\') line.append("\\\\");
        else if (b >= ' ' && b < 0x7f) line.append((char) b);
        else line.append("\\x%02x".formatted(b));
      }
      return line.append('\n').toString();
    }
  }

  private final SplittableRandom random;
  private final List<List<Piece>> fixtures;
  private final List<Piece> pieces = new ArrayList<>();

  Mutator(List<Conversation> fixtures, SplittableRandom random) {
    this.random = random;
    this.fixtures = fixtures.stream().map(Mutator::pieces).toList();
  }

  static List<Piece> pieces(Conversation c) {
    return c.parts().stream().map(Mutator::piece).toList();
  }

  private static Piece piece(Part p) {
    return new Piece(p.request(), NONE, 0, p.ends()).with(p.bytes().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A fixture with up to four changes; valid until the next call. */
  List<Piece> next() {
    pieces.clear();
    pieces.addAll(fixtures.get(random.nextInt(fixtures.size())));
    for (int n = random.nextInt(5); n > 0 && !pieces.isEmpty(); n--) {
      int i = random.nextInt(pieces.size());
      Piece p = pieces.get(i);
      if (p.bytes.length == 0 || random.nextInt(3) == 0) reorder(i, p);
      else pieces.set(i, change(p, random.nextInt(p.bytes.length)));
    }
    return pieces;
  }

  private Piece change(Piece p, int at) {
    byte[] b = p.bytes;
    return switch (random.nextInt(10)) {
      case 0 -> p.with(set(b, at, b[at] ^ 1 << random.nextInt(8)));
      case 1 -> p.with(set(b, at, b[random.nextInt(b.length)]));
      case 2 -> p.with(Arrays.copyOf(b, at));
      case 3 -> p.with(Arrays.copyOfRange(b, at, b.length));
      case 4 -> p.with(insert(b, at, b));
      case 5 -> p.with(insert(b, at, other(p.request)));
      case 6 -> p.with(digits(b, at));
      case 7 -> p.with(integer(b, at));
      case 8 -> new Piece(p.request, b, at, p.ends);
      default -> new Piece(p.request, b, Piece.LOST, p.ends);
    };
  }

  /** Late start, early end, a record twice, two in one another's place, one as two. */
  private void reorder(int i, Piece p) {
    int j = random.nextInt(pieces.size());
    switch (random.nextInt(5)) {
      case 0 -> pieces.subList(0, i).clear();
      case 1 -> pieces.subList(i, pieces.size()).clear();
      case 2 -> pieces.add(j, p);
      case 3 -> pieces.set(i, pieces.set(j, p));
      default -> {
        int at = random.nextInt(p.bytes.length + 1);
        pieces.set(i, p.with(Arrays.copyOf(p.bytes, at)));
        pieces.add(i + 1, p.with(Arrays.copyOfRange(p.bytes, at, p.bytes.length)));
      }
    }
  }

  private static byte[] set(byte[] b, int at, int value) {
    byte[] changed = b.clone();
    changed[at] = (byte) value;
    return changed;
  }

  /** A range of {@code from} comes before the byte {@code at}. */
  private byte[] insert(byte[] b, int at, byte[] from) {
    if (from.length == 0 || b.length + RANGE > MOST) return b;
    int start = random.nextInt(from.length);
    int n = 1 + random.nextInt(Math.min(RANGE, from.length - start));
    byte[] longer = Arrays.copyOf(b, b.length + n);
    System.arraycopy(b, at, longer, at + n, b.length - at);
    System.arraycopy(from, start, longer, at, n);
    return longer;
  }

  private byte[] other(boolean request) {
    List<Piece> fixture = fixtures.get(random.nextInt(fixtures.size()));
    Piece p = fixture.get(random.nextInt(fixture.size()));
    return p.request == request ? p.bytes : NONE;
  }

  /** The next number in digits becomes another. */
  private byte[] digits(byte[] b, int at) {
    while (at < b.length && !isDigit(b[at])) at++;
    int end = at;
    while (end < b.length && isDigit(b[end])) end++;
    if (at == end) return b;
    byte[] number = Long.toString(number()).getBytes(StandardCharsets.US_ASCII);
    byte[] changed = Arrays.copyOf(b, b.length - (end - at) + number.length);
    System.arraycopy(number, 0, changed, at, number.length);
    System.arraycopy(b, end, changed, at + number.length, b.length - end);
    return changed;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** One, two or four bytes become another big-endian integer. */
  private byte[] integer(byte[] b, int at) {
    int width = Math.min(1 << random.nextInt(3), b.length - at);
    byte[] changed = b.clone();
    long n = number();
    for (int i = 0; i < width; i++) changed[at + i] = (byte) (n >> 8 * (width - 1 - i));
    return changed;
  }

  private long number() {
    long some = NUMBERS[random.nextInt(NUMBERS.length)];
    return random.nextBoolean() ? some : random.nextInt(1, 5000);
  }
}
