package io.mop.plugins.http;

import io.mop.api.data.Text;

/**
 * A request's method: what spans tell of it, and what it means for its response, known or not.
 *
 * @param text {@code http.request.method}
 * @param span the span's name as long as there is no route, and its beginning otherwise
 */
record Method(Text text, Text span, boolean head, boolean connect, boolean other) {
  private static final Text OTHER = Text.of("_OTHER");
  private static final Text HTTP = Text.of("HTTP");

  static Method known(String name) {
    return new Method(Text.of(name), Text.of(name), name.equals("HEAD"), name.equals("CONNECT"), false);
  }

  static Method other(boolean head, boolean connect) {
    return new Method(OTHER, HTTP, head, connect, true);
  }
}
