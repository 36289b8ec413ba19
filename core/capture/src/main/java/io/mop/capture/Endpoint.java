package io.mop.capture;

import io.mop.api.data.Text;

/** Address and port of one end of a connection; without an address it is not known. */
record Endpoint(Text address, int port) {
  static final Endpoint UNKNOWN = new Endpoint(Text.of(""), 0);
  private static final Text IPV4 = Text.of("ipv4");
  private static final Text IPV6 = Text.of("ipv6");
  private static final int INET = 2;
  private static final int INET6 = 10;

  boolean known() {
    return port != 0;
  }

  /** {@code ipv4} or {@code ipv6}. */
  Text type() {
    return address.toString().indexOf(':') < 0 ? IPV4 : IPV6;
  }

  /** {@code address:port}, empty if not known. */
  @Override
  public String toString() {
    if (!known()) return "";
    return (type() == IPV6 ? "[" + address + "]" : address) + ":" + port;
  }

  /** Of an OPEN record's 16 address bytes; an IPv4 address is in the first four, or mapped into IPv6. */
  static Endpoint of(int family, byte[] address, int port) {
    if (port == 0 || family != INET && family != INET6) return UNKNOWN;
    int at = family == INET ? 0 : mapped(address) ? 12 : -1;
    return new Endpoint(Text.of(at < 0 ? v6(address) : v4(address, at)), port);
  }

  private static boolean mapped(byte[] a) {
    for (int i = 0; i < 10; i++) if (a[i] != 0) return false;
    return a[10] == -1 && a[11] == -1;
  }

  private static String v4(byte[] a, int i) {
    return (a[i] & 0xff) + "." + (a[i + 1] & 0xff) + "." + (a[i + 2] & 0xff) + "." + (a[i + 3] & 0xff);
  }

  /** As RFC 5952: lower case, the first longest run of at least two zero groups is {@code ::}. */
  private static String v6(byte[] a) {
    int best = -1;
    int longest = 1;
    for (int i = 0; i < 8; i++) {
      int n = 0;
      while (i + n < 8 && group(a, i + n) == 0) n++;
      if (n > longest) {
        best = i;
        longest = n;
      }
    }
    StringBuilder s = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == best) {
        s.append("::");
        i += longest - 1;
      } else {
        if (!s.isEmpty() && s.charAt(s.length() - 1) != ':') s.append(':');
        s.append(Integer.toHexString(group(a, i)));
      }
    }
    return s.toString();
  }

  private static int group(byte[] a, int i) {
    return (a[2 * i] & 0xff) << 8 | a[2 * i + 1] & 0xff;
  }
}
