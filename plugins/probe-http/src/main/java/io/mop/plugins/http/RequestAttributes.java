package io.mop.plugins.http;

import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/**
 * What a request says, by OpenTelemetry's semantic conventions for HTTP. Of the target only the path leaves: no query,
 * no fragment, no user information, and no path parameters, which may hold a session.
 */
final class RequestAttributes {
  private static final Text HTTP = Text.of("http");
  private static final Text[] VERSIONS = {Text.of("1.0"), Text.of("1.1")};
  private static final int MAX_PORT = 65535;

  private final Words path = new Words();
  private final Words address = new Words();
  private final Words agent = new Words();
  private final TraceParent trace = new TraceParent();

  void set(Stream in, Head head, Method method, boolean server, Exchange x) throws Stream.Gap {
    StartLine line = head.start;
    x.name(method.span);
    x.set("http.request.method", method.text);
    if (method == Method.OTHER) x.set("http.request.method_original", in.text(line.methodFrom, line.methodTo));
    x.set("url.scheme", HTTP);
    x.set("network.protocol.version", VERSIONS[line.minor]);
    target(in, head, method, x);
    if (server && head.agentTo > head.agentFrom) {
      x.set("user_agent.original", agent.of(in, head.agentFrom, head.agentTo));
    }
    if (head.traceTo > head.traceFrom && trace.parse(in, head.traceFrom, head.traceTo)) {
      x.parent(trace.traceHigh, trace.traceLow, trace.span);
    }
  }

  /** The authority of an absolute target counts before the Host header (RFC 9112, section 3.2.2). */
  private void target(Stream in, Head head, Method method, Exchange x) throws Stream.Gap {
    int from = head.start.methodTo + 1;
    int to = head.start.targetTo;
    byte first = in.at(from);
    if (method == Method.CONNECT) {
      authority(in, from, to, x);
    } else if (first == '/' || first == '*') {
      path(in, from, to, x);
      authority(in, head.hostFrom, head.hostTo, x);
    } else {
      int slashes = in.find((byte) '/', from, to);
      if (slashes <= from || slashes + 2 > to || in.at(slashes + 1) != '/' || in.at(slashes - 1) != ':') return;
      int end = slashes + 2;
      while (end < to && in.at(end) != '/' && in.at(end) != '?' && in.at(end) != '#') end++;
      authority(in, slashes + 2, end, x);
      if (end < to && in.at(end) == '/') path(in, end, to, x);
    }
  }

  private void path(Stream in, int from, int to, Exchange x) throws Stream.Gap {
    int end = from;
    for (byte b; end < to && (b = in.at(end)) != '?' && b != '#' && b != ';'; ) end++;
    x.set("url.path", path.of(in, from, end));
  }

  /** {@code [userinfo@]host[:port]}, host also as {@code [IPv6]}; nothing is set if it is none of these. */
  private void authority(Stream in, int from, int to, Exchange x) throws Stream.Gap {
    for (int at; (at = in.find((byte) '@', from, to)) >= 0; ) from = at + 1;
    if (from >= to) return;
    boolean bracket = in.at(from) == '[';
    int end = in.find((byte) (bracket ? ']' : ':'), from, to);
    if (bracket && end < 0) return;
    int hostFrom = bracket ? from + 1 : from;
    int hostTo = end < 0 ? to : end;
    for (int i = hostFrom; i < hostTo; i++) if (!isHost(in.at(i), bracket)) return;
    if (hostFrom == hostTo) return;
    x.set("server.address", address.of(in, hostFrom, hostTo));
    int colon = bracket ? hostTo + 1 : hostTo;
    if (colon < to && in.at(colon) == ':') port(in, colon + 1, to, x);
  }

  private static boolean isHost(byte b, boolean bracket) {
    return StartLine.isAlphanumeric(b) || b == '.' || b == '-' || b == '_' || bracket && (b == ':' || b == '%');
  }

  private static void port(Stream in, int from, int to, Exchange x) throws Stream.Gap {
    if (to - from > 5) return;
    int port = 0;
    for (int i = from; i < to; i++) {
      byte d = in.at(i);
      if (d < '0' || d > '9') return;
      port = port * 10 + d - '0';
    }
    if (port > 0 && port <= MAX_PORT) x.set("server.port", port);
  }
}
