package io.mop.plugins.http;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.util.ArrayList;
import java.util.List;

/** The known methods; any other is {@code _OTHER}, as OpenTelemetry's semantic conventions ask. */
final class Methods {
  /** Of RFC 9110, and PATCH; the frequent ones first. */
  static final List<String> DEFAULT =
      List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE");
  static final int MOST = 100;

  private static final Text HEAD = Text.of("HEAD");
  private static final Text CONNECT = Text.of("CONNECT");

  private final List<Method> all = new ArrayList<>();
  private final int known;

  /** @param names the known ones, case-sensitive; at most {@link #MOST} */
  Methods(List<String> names) {
    for (String name : names) all.add(Method.known(name));
    known = all.size();
    all.add(Method.other(false, false));
    all.add(Method.other(true, false));
    all.add(Method.other(false, true));
  }

  /** Which one it is. */
  int find(Stream in, int from, int to) throws Stream.Gap {
    for (int i = 0; i < known; i++) if (is(in, from, to, all.get(i).text())) return i;
    return is(in, from, to, HEAD) ? known + 1 : is(in, from, to, CONNECT) ? known + 2 : known;
  }

  /** The method that {@link #find} found; that of requests that were not seen is unknown. */
  Method get(int i) {
    return all.get(i < 0 ? known : i);
  }

  private static boolean is(Stream in, int from, int to, Text name) throws Stream.Gap {
    if (to - from != name.length()) return false;
    for (int i = from; i < to; i++) if (in.at(i) != name.at(i - from)) return false;
    return true;
  }
}
