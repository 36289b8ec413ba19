package io.mop.capture;

/** TLS as it is on the wire: RFC 8446 section 5.1, RFC 5246 section 6.2. */
final class TlsRecords {
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int HANDSHAKE = 22;
  private static final int APPLICATION_DATA = 23;
  private static final int HEADER = 5;
  private static final int MAX = (1 << 14) + 2048;
  /** A byte and the tag of an AEAD cipher. */
  private static final int LEAST_CIPHERTEXT = 17;
  /** Version and random. */
  private static final int LEAST_HELLO = 34;

  private TlsRecords() {}

  static Recognition of(Prefix p) {
    Recognition hello = hello(p, 0);
    if (hello.known()) return hello;
    boolean data = p.at(0) == APPLICATION_DATA && p.at(2) == 3 && p.u16(3) >= LEAST_CIPHERTEXT;
    int records = count(p, 0);
    return Recognition.when(records > 1 || records == 1 && data, WireKind.TLS, Role.UNKNOWN);
  }

  /** ClientHello or ServerHello at {@code at}. */
  static Recognition hello(Prefix p, int at) {
    int type = p.at(at + HEADER);
    int length = p.u16(at + 7);
    boolean sure =
        header(p, at)
            && p.at(at) == HANDSHAKE
            && (type == 1 || type == 2)
            && p.at(at + 6) == 0
            && length >= LEAST_HELLO
            && p.at(at + 9) == 3
            && p.at(at + 10) >= 0
            && p.at(at + 10) <= 4;
    return Recognition.when(sure, WireKind.TLS, type == 1 ? Role.CLIENT : Role.SERVER);
  }

  /** Number of record headers that follow one another; 0 if something else follows. */
  static int count(Prefix p, int at) {
    int n = 0;
    for (; at < p.length(); at += HEADER + p.u16(at + 3)) {
      if (p.length() - at < HEADER) return p.at(at) >= CHANGE_CIPHER_SPEC && p.at(at) <= APPLICATION_DATA ? n : 0;
      if (!header(p, at)) return 0;
      n++;
    }
    return n;
  }

  private static boolean header(Prefix p, int at) {
    int type = p.at(at);
    int minor = p.at(at + 2);
    int length = p.u16(at + 3);
    return type >= CHANGE_CIPHER_SPEC
        && type <= APPLICATION_DATA
        && p.at(at + 1) == 3
        && minor >= 0
        && minor <= 4
        && length > 0
        && length <= MAX
        && (type != CHANGE_CIPHER_SPEC || length == 1);
  }
}
