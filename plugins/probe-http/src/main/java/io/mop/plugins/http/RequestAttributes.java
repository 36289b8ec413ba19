package io.mop.plugins.http;

import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/**
 * What a request says, by OpenTelemetry's semantic conventions for HTTP. Of the target the path leaves and the names of
 * the query's parameters: no value of them, no fragment, no user information, and no path parameters, which may hold a
 * session.
 */
final class RequestAttributes {
  private static final Text HTTP = Text.of("http");
  private static final Text HTTPS = Text.of("https");
  private static final Text[] VERSIONS = {Text.of("1.0"), Text.of("1.1")};
  private static final int MAX_PORT = 65535;

  private final Words path = new Words(RequestAttributes::withoutParameters);
  private final Words query = new Words(Query::masked);
  private final Words address = new Words(t -> t);
  private final Words agent = new Words(t -> t);
  private final TraceParent trace = new TraceParent();
  private final FullUrl full = new FullUrl();

  /** Sets what is known of the request; the path, or an empty text if there is none. */
  Text set(Stream in, Head head, Method method, Exchanges out, Exchange x) throws Stream.Gap {
    boolean server = out.server();
    StartLine line = head.start;
    x.name(method.span());
    x.set("http.request.method", method.text());
    if (method.other()) x.set("http.request.method_original", in.text(line.methodFrom, line.methodTo));
    x.set("url.scheme", out.secure() ? HTTPS : HTTP);
    x.set("network.protocol.version", VERSIONS[line.minor]);
    full.reset();
    target(in, head, method, x);
    if (full.path.length() > 0) x.set("url.path", full.path);
    if (server && full.query.length() > 0) x.set("url.query", full.query);
    if (!server && full.known()) x.set("url.full", full.text(out.secure()));
    if (server && head.agentTo > head.agentFrom) {
      x.set("user_agent.original", agent.of(in, head.agentFrom, head.agentTo));
    }
    if (head.traceTo > head.traceFrom && trace.parse(in, head.traceFrom, head.traceTo)) {
      x.parent(trace.traceHigh, trace.traceLow, trace.span);
    }
    return full.path;
  }

  /** The authority of an absolute target counts before the Host header (RFC 9112, section 3.2.2). */
  private void target(Stream in, Head head, Method method, Exchange x) throws Stream.Gap {
    int from = head.start.methodTo + 1;
    int to = head.start.targetTo;
    byte first = in.at(from);
    if (method.connect()) {
      authority(in, from, to, x);
    } else if (first == '/' || first == '*') {
      path(in, from, to);
      authority(in, head.hostFrom, head.hostTo, x);
    } else {
      int slashes = in.find((byte) '/', from, to);
      if (slashes <= from || slashes + 2 > to || in.at(slashes + 1) != '/' || in.at(slashes - 1) != ':') return;
      int end = slashes + 2;
      while (end < to && in.at(end) != '/' && in.at(end) != '?' && in.at(end) != '#') end++;
      authority(in, slashes + 2, end, x);
      path(in, end, to);
    }
  }

  private void path(Stream in, int from, int to) throws Stream.Gap {
    int end = in.find((byte) '#', from, to);
    if (end < 0) end = to;
    int mark = in.find((byte) '?', from, end);
    if (mark >= 0) full.query = query.of(in, mark + 1, end);
    full.path = path.of(in, from, mark < 0 ? end : mark);
  }

  private static Text withoutParameters(Text path) {
    for (int i = 0; i < path.length(); i++) {
      if (path.at(i) == ';') return Text.of(path.toString().replaceAll(";[^/]*", ""));
    }
    return path;
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
    full.address = address.of(in, hostFrom, hostTo);
    full.bracket = bracket;
    x.set("server.address", full.address);
    int colon = bracket ? hostTo + 1 : hostTo;
    if (colon < to && in.at(colon) == ':') full.port = port(in, colon + 1, to);
    if (full.port > 0) x.set("server.port", full.port);
  }

  private static boolean isHost(byte b, boolean bracket) {
    return StartLine.isAlphanumeric(b) || b == '.' || b == '-' || b == '_' || bracket && (b == ':' || b == '%');
  }

  /** 0 if it is none. */
  private static int port(Stream in, int from, int to) throws Stream.Gap {
    if (to - from > 5) return 0;
    int port = 0;
    for (int i = from; i < to; i++) {
      byte d = in.at(i);
      if (d < '0' || d > '9') return 0;
      port = port * 10 + d - '0';
    }
    return port <= MAX_PORT ? port : 0;
  }
}
