package io.mop.capture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Requests that were read and not answered, by the thread that read them. For the ring thread. */
final class Threads {
  private final Map<Integer, List<Call>> open = new HashMap<>();

  void reads(Call server) {
    open.computeIfAbsent(server.thread, t -> new ArrayList<>(1)).add(server);
  }

  /** It is being answered, or has ended; may be repeated. */
  void answered(Call server) {
    List<Call> calls = open.get(server.thread);
    if (calls != null && calls.remove(server) && calls.isEmpty()) open.remove(server.thread);
  }

  /** The thread of {@code client} sends it: for the request that it works on, if that can be only one. */
  void sends(Call client) {
    List<Call> calls = open.getOrDefault(client.thread, List.of());
    client.ambiguous = calls.size() > 1;
    // of another process: the number of the thread was used again
    if (calls.size() == 1 && calls.get(0).process == client.process) client.follow(calls.get(0));
  }
}
