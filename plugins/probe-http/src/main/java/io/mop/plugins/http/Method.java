package io.mop.plugins.http;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/** Methods of RFC 9110 and PATCH; any other is {@code _OTHER}, as OpenTelemetry's semantic conventions ask. */
enum Method {
  GET,
  HEAD,
  POST,
  PUT,
  DELETE,
  CONNECT,
  OPTIONS,
  TRACE,
  PATCH,
  OTHER;

  private static final Method[] KNOWN = {GET, POST, PUT, DELETE, HEAD, OPTIONS, PATCH, CONNECT, TRACE};

  /** {@code http.request.method}. */
  final Text text = Text.of(name().equals("OTHER") ? "_OTHER" : name());
  /** The span's name as long as there is no route. */
  final Text span = Text.of(name().equals("OTHER") ? "HTTP" : name());

  static Method of(Stream in, int from, int to) throws Stream.Gap {
    for (Method m : KNOWN) if (m.is(in, from, to)) return m;
    return OTHER;
  }

  private boolean is(Stream in, int from, int to) throws Stream.Gap {
    if (to - from != text.length()) return false;
    for (int i = from; i < to; i++) if (in.at(i) != text.at(i - from)) return false;
    return true;
  }
}
