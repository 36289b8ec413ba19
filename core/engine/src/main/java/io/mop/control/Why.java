package io.mop.control;

import java.util.List;

/**
 * Says why there is, or is not, telemetry of a process: whether a receiver that captures has selected it, and what
 * became of what it sends and receives. A service, any number of them.
 */
public interface Why {
  /** Of one process, by its id in the machine's own PID namespace; an answer of each receiver that there is. */
  List<Answer> process(int pid);

  /** Of the processes that listen on a TCP port, and of the selected ones that were seen as its clients. */
  List<Answer> port(int port);

  /**
   * What one receiver knows.
   *
   * @param receiver as in mop.yaml, e.g. {@code receivers.ebpf}
   * @param state how it captures, or why it does not, as a sentence
   * @param running whether it captures
   * @param rules that select processes, as in the configuration
   * @param processes those that were asked for; empty if there are none
   * @param counters of the whole receiver that are not 0
   */
  record Answer(
      String receiver,
      String state,
      boolean running,
      List<String> rules,
      List<Process> processes,
      List<Count> counters) {}

  /**
   * One process.
   *
   * @param program path of its program as it sees it; empty if that may not be read or the process is gone
   * @param part what it is to the port that was asked for, e.g. {@code listens on 8080}; empty if none was
   * @param selected whether what it sends and receives is captured
   * @param reason why it is, e.g. {@code descendant of 411, port 8080}, or why it cannot be; empty if only no rule
   *     names it
   * @param rules what each rule found; empty if it is selected
   * @param notes what else there is to know, a sentence each
   * @param connections that were seen, alike ones as one
   */
  record Process(
      int pid,
      String program,
      String part,
      boolean selected,
      String reason,
      List<Rule> rules,
      List<String> notes,
      List<Connections> connections) {
    /** Whether a decoder reads what passes on at least one connection. */
    public boolean read() {
      return connections.stream().anyMatch(c -> !c.protocol().isEmpty());
    }
  }

  /** @param conditions those of the rule, of which all have to hold */
  record Rule(String rule, List<Condition> conditions) {}

  /** @param found what the process has instead, or as asked, e.g. {@code the program is /usr/bin/redis-server} */
  record Condition(String condition, boolean holds, String found) {}

  /**
   * Connections of one process that are alike: same peer, role and protocol.
   *
   * @param peer {@code address:port} of a server, {@code address} of clients; empty if not known, as of unix sockets
   * @param port that the process listens on; 0 if it is not a server, or if that is not known
   * @param role {@code server}, {@code client} or {@code unknown}
   * @param protocol the decoder that reads them; empty if none does
   * @param kind what they were recognised as without a decoder, e.g. {@code tls} or {@code unknown}; empty if they have
   *     one
   * @param reason why no decoder reads them; empty if one does
   * @param open how many are open
   * @param ended how many of those that ended last
   * @param exchanges pairs of a request and its response that are complete
   * @param recordsLost records that did not reach MOP
   * @param bytesLost bytes that passed and are in no record
   * @param lastLoss why reading last started anew; empty if it never did
   * @param lastDecoderError which decoder failed last, and how; empty if none did
   */
  record Connections(
      String peer,
      int port,
      String role,
      String protocol,
      String kind,
      String reason,
      long open,
      long ended,
      long exchanges,
      long bytesReceived,
      long bytesSent,
      long recordsLost,
      long bytesLost,
      String lastLoss,
      String lastDecoderError) {}

  /** One counter. */
  record Count(String name, long value, String meaning) {}
}
