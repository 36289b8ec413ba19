package io.mop.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Spans of servers that ask one another for the path that they are asked for. Each path is asked for once: it tells
 * which spans belong together, whatever their ids say.
 */
final class Parents {
  private static final int SERVER = 2;
  private static final int CLIENT = 3;

  private final List<String> ports = new ArrayList<>();
  private final Map<String, Seen> spans = new HashMap<>();
  private final List<String> wrong = new ArrayList<>();
  private int servers;
  private int linked;
  private int calls;
  private int calledBy;

  /** @param hop of the server that is asked, in {@code ports}; -1 if it is none of them */
  private record Seen(int kind, int hop, String path, String trace, String parent) {}

  /** @param ports of the servers, in the order in which they ask one another */
  Parents(int... ports) {
    for (int port : ports) this.ports.add(Integer.toString(port));
  }

  /** Of the server that is asked first. */
  int port() {
    return Integer.parseInt(ports.get(0));
  }

  int hops() {
    return ports.size();
  }

  void add(SpanRow s) {
    int hop = ports.indexOf(s.get("server.port"));
    spans.put(s.id(), new Seen(s.kind(), hop, s.get("url.path"), s.trace(), s.parent()));
  }

  /** Once, when all spans are there. */
  void check() {
    Set<String> parents = new HashSet<>();
    for (Seen s : spans.values()) {
      boolean child = !s.parent.isEmpty();
      // No request is served, or makes a call, twice: a parent has one child.
      boolean right = child && belongs(s, spans.get(s.parent)) && parents.add(s.parent);
      if (child && !right) wrong.add(s + ", the parent is " + spans.get(s.parent));
      if (s.kind == SERVER && s.hop >= 0) {
        servers++;
        if (right) linked++;
      } else if (s.kind == CLIENT && s.hop > 0) {
        calls++;
        if (right) calledBy++;
      }
    }
  }

  /** Whether a server's span has that of its client as its parent, and a call that of the request before it. */
  private static boolean belongs(Seen child, Seen parent) {
    if (parent == null || child.hop < 0) return false;
    if (!parent.path.equals(child.path) || !parent.trace.equals(child.trace)) return false;
    return child.kind == SERVER
        ? parent.kind == CLIENT && parent.hop == child.hop
        : parent.kind == SERVER && parent.hop == child.hop - 1;
  }

  /** Spans of servers. */
  int servers() {
    return servers;
  }

  /** Those of them that are children of their client's. */
  int linked() {
    return linked;
  }

  /** Spans of requests that a server made. */
  int calls() {
    return calls;
  }

  /** Those of them that are children of what the server was asked. */
  int calledBy() {
    return calledBy;
  }

  /** Spans with a parent that is not theirs. */
  List<String> wrong() {
    return wrong;
  }
}
