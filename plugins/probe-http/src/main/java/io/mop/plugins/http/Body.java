package io.mop.plugins.http;

import io.mop.api.capture.Stream;

/** Passes over a message's body (RFC 9112, sections 6 and 7). Cut bytes are fine wherever the length is known. */
class Body {
  private static final int MAX_CHUNK_LINE = 1024;

  private enum State {
    NONE,
    LENGTH,
    CHUNK_SIZE,
    CHUNK_DATA,
    TRAILERS,
    UNTIL_CLOSE
  }

  private final int maxTrailers;
  private State state = State.NONE;
  private long remaining;
  private int trailers;
  private long size;
  private long time;

  Body(int maxTrailers) {
    this.maxTrailers = maxTrailers;
  }

  void none() {
    begin(State.NONE);
  }

  void length(long n) {
    begin(n == 0 ? State.NONE : State.LENGTH);
    remaining = n;
  }

  void chunked() {
    begin(State.CHUNK_SIZE);
    trailers = 0;
  }

  void untilClose() {
    begin(State.UNTIL_CLOSE);
  }

  private void begin(State first) {
    state = first;
    size = 0;
  }

  boolean open() {
    return state != State.NONE;
  }

  boolean endsWithClose() {
    return state == State.UNTIL_CLOSE;
  }

  /** Bytes of the body that passed, without those that frame chunks. */
  long size() {
    return size;
  }

  /** When the last byte of the body passed. */
  long time() {
    return time;
  }

  /**
   * Consumes what is there; true when the body has ended.
   *
   * @throws Stream.Gap if the chunks cannot be followed
   */
  boolean read(Stream in) throws Stream.Gap {
    while (state != State.NONE) {
      if (in.length() == 0) return false;
      boolean progress =
          switch (state) {
            case LENGTH -> data(in, State.NONE);
            case CHUNK_DATA -> data(in, State.CHUNK_SIZE);
            case CHUNK_SIZE -> size(in);
            case TRAILERS -> trailer(in);
            case UNTIL_CLOSE, NONE -> {
              size += in.length();
              content(in.length());
              skip(in, in.length());
              yield true;
            }
          };
      if (!progress) return false;
    }
    return true;
  }

  /** The next {@code n} bytes are the body's, with those that end a chunk, and will be consumed. */
  void content(int n) {}

  /** From {@code from} to the line feed {@code lf} are a chunk's extensions, or a trailer; it will be consumed. */
  void field(Stream in, int from, int lf) throws Stream.Gap {}

  private boolean data(Stream in, State next) {
    int n = (int) Math.min(remaining, in.length());
    content(n);
    skip(in, n);
    size += n;
    remaining -= n;
    if (remaining == 0) state = next;
    return true;
  }

  private void skip(Stream in, int n) {
    time = in.time(n - 1);
    in.skip(n);
  }

  /** {@code 1*HEXDIG [extensions] CRLF}; the CRLF that ends a chunk's data is counted as its data, cut or not. */
  private boolean size(Stream in) throws Stream.Gap {
    int lf = in.find((byte) '\n', 0, MAX_CHUNK_LINE);
    if (lf < 0 && in.length() < MAX_CHUNK_LINE) return false;
    if (lf < 0) throw Stream.Gap.GAP;
    long n = 0;
    int p = 0;
    for (int digit; p < lf && (digit = Character.digit(in.at(p), 16)) >= 0; p++) {
      if (p == 15) throw Stream.Gap.GAP;
      n = n << 4 | digit;
    }
    byte after = in.at(p);
    if (p == 0 || after != '\n' && after != '\r' && after != ';' && after != ' ' && after != '\t') throw Stream.Gap.GAP;
    field(in, Math.min(p + 1, lf), lf);
    skip(in, lf + 1);
    remaining = n + 2;
    if (n > 0) size -= 2;
    state = n == 0 ? State.TRAILERS : State.CHUNK_DATA;
    return true;
  }

  private boolean trailer(Stream in) throws Stream.Gap {
    int lf = in.find((byte) '\n', 0, maxTrailers - trailers);
    if (lf < 0 && in.length() < maxTrailers - trailers) return false;
    if (lf < 0) throw Stream.Gap.GAP;
    if (lf == 0 || lf == 1 && in.at(0) == '\r') state = State.NONE;
    trailers += lf + 1;
    field(in, 0, lf);
    skip(in, lf + 1);
    return true;
  }
}
