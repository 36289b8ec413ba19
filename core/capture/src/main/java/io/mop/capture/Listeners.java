package io.mop.capture;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which processes have a socket open that listens on a port. To read all descriptors of all processes is what costs
 * most in a look: it is done when a new socket listens. Else they are read of processes that are new or had one before,
 * and of the others in turn, as a socket may be handed over.
 */
final class Listeners {
  /** Looks until every process has been read again. */
  static final int TURNS = 16;

  private final ProcFs proc;
  private final Set<Integer> ports;
  private Map<Long, Integer> sockets = Map.of();
  private Map<Integer, IOException> unseen = Map.of();
  private Map<Integer, Set<Integer>> before = Map.of();
  private Map<Integer, Set<Integer>> now = new HashMap<>();
  private boolean anew;
  private boolean read;
  private int look;

  /** @param ports that will be asked for */
  Listeners(ProcFs proc, Set<Integer> ports) {
    this.proc = proc;
    this.ports = ports;
  }

  /** Another look begins. */
  void next() {
    before = now;
    now = new HashMap<>();
    read = false;
    look++;
  }

  /** @throws IOException if that cannot be read */
  boolean listens(int pid, int port) throws IOException {
    if (!read) networks();
    if (sockets.containsValue(port)) return ports(pid).contains(port);
    if (unseen.containsKey(pid)) throw unseen.get(pid); // it may listen in a network of its own
    return false;
  }

  private Set<Integer> ports(int pid) throws IOException {
    Set<Integer> found = now.get(pid);
    if (found != null) return found;
    found = before.get(pid);
    if (anew || found == null || !found.isEmpty() || (pid + look) % TURNS == 0) {
      found = new HashSet<>();
      for (long inode : proc.sockets(pid)) if (sockets.containsKey(inode)) found.add(sockets.get(inode));
    }
    now.put(pid, found);
    return found;
  }

  /** The sockets of every network that a process is in: one may have been handed to a process in another network. */
  private void networks() {
    Map<Long, Integer> listening = new HashMap<>();
    Set<String> networks = new HashSet<>();
    unseen = new HashMap<>();
    for (int pid : proc.pids()) {
      try {
        String network = proc.network(pid);
        if (networks.contains(network)) continue;
        proc.listening(pid, listening);
        networks.add(network); // not if it has ended meanwhile: the next one of this network is read
      } catch (IOException e) {
        unseen.put(pid, e);
      }
    }
    listening.values().retainAll(ports);
    anew = !sockets.keySet().containsAll(listening.keySet());
    sockets = listening;
    read = true;
  }
}
