package io.mop.plugins.http;

import io.mop.api.data.Text;

/** The parts of a request's URL as they may leave, and {@code url.full} put together again; the last one is kept. */
final class FullUrl {
  private static final Text NONE = Text.of("");

  Text address = NONE;
  boolean bracket;
  /** 0 if it was not said. */
  int port;
  Text path = NONE;
  Text query = NONE;

  private Text lastAddress = NONE;
  private Text lastPath = NONE;
  private Text lastQuery = NONE;
  private int lastPort;
  private Text last = NONE;

  void reset() {
    address = path = query = NONE;
    port = 0;
  }

  /** Not of a target that is no URL: CONNECT, an asterisk, or without a host. */
  boolean known() {
    return address.length() > 0 && path.length() > 0 && path.at(0) == '/';
  }

  /** @param secure the same for all of one connection */
  Text text(boolean secure) {
    if (address == lastAddress && port == lastPort && path == lastPath && query == lastQuery) return last;
    StringBuilder b = new StringBuilder(secure ? "https://" : "http://");
    b.append(bracket ? "[" + address + "]" : address);
    if (port > 0) b.append(':').append(port);
    b.append(path);
    if (query.length() > 0) b.append('?').append(query);
    Text url = Text.of(b.toString());
    if (b.length() > 2 * Words.LONGEST_KEPT) return url;
    lastAddress = address;
    lastPort = port;
    lastPath = path;
    lastQuery = query;
    last = url;
    return url;
  }
}
