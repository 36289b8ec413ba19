package io.mop.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What goes over one loopback port, captured into a file and told by tshark's dissectors. Needs root. */
final class Wire implements AutoCloseable {
  private static final int FIN_OR_RST = 5;
  private static final List<String> FIELDS =
      List.of("frame.time_epoch", "tcp.stream", "tcp.srcport", "tcp.len", "tcp.flags");

  private final Wired protocol;
  private final int port;
  private final Path file;
  private final Process capture;

  /** Returns when packets are captured. */
  Wire(Wired protocol, int port, Path file) throws IOException {
    this.protocol = protocol;
    this.port = port;
    this.file = file;
    List<String> command = List.of("dumpcap", "-q", "-i", "lo", "-f", "tcp port " + port, "-w", file.toString());
    capture = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringBuilder said = new StringBuilder();
    // It names its file when the filter is set.
    for (String line = ""; !line.startsWith("File:"); said.append(line).append('\n')) {
      line = capture.inputReader().readLine();
      if (line == null) throw new IOException("dumpcap ended: " + said);
    }
  }

  static boolean available() throws InterruptedException {
    try {
      Host.output(new ProcessBuilder("tshark", "--version"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What the spans of the server on this port tell, in their order. */
  List<Exchange> spans(List<SpanRow> all) {
    return all.stream()
        .filter(s -> s.kind() == 2 && s.get("server.port").equals("" + port))
        .map(s -> new Exchange(protocol.what(s), s.start(), s.end()))
        // by their middles: MOP sets its clock every second, which may move one by more than it is apart from the next
        .sorted(Comparator.comparingLong(e -> e.start() / 2 + e.end() / 2))
        .toList();
  }

  /** What the wire shows, in its order, once it is so many and every connection is closed; after 60 s what there is. */
  List<Exchange> exchanges(long expected) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    Packets packets;
    do {
      packets = packets();
    } while (!packets.complete(expected) && System.nanoTime() < end);
    return packets.exchanges();
  }

  /** What has been written to the file so far. */
  private Packets packets() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("tshark", "-n", "-r", file.toString()));
    command.addAll(List.of("-d", "tcp.port==" + port + "," + protocol.dissector));
    command.addAll(List.of("-Y", "tcp.len > 0 || tcp.flags.fin == 1 || tcp.flags.reset == 1"));
    command.addAll(List.of("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"));
    for (String field : FIELDS) command.addAll(List.of("-e", field));
    for (String field : protocol.request) command.addAll(List.of("-e", field));
    command.addAll(List.of("-e", protocol.answer));
    Packets packets = new Packets();
    // No exit code is looked at: the file's last packet may be half written.
    Process tshark = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    tshark.inputReader().lines().map(line -> line.split("\t", -1)).forEach(packets::add);
    tshark.waitFor();
    return packets;
  }

  @Override
  public void close() {
    Host.stop(capture);
  }

  private static final class Asked {
    final String what;
    final long start;
    String status = "";
    long end;

    Asked(String what, long start) {
      this.what = what;
      this.start = start;
    }

    Exchange done() {
      return new Exchange(what + " " + status, start, end);
    }
  }

  private final class Packets {
    private final List<Asked> asked = new ArrayList<>();
    private final Set<String> open = new HashSet<>();
    private final Map<String, Asked> last = new HashMap<>();

    boolean complete(long expected) {
      return open.isEmpty() && asked.size() >= expected;
    }

    List<Exchange> exchanges() {
      return asked.stream().map(Asked::done).toList();
    }

    void add(String[] values) {
      String stream = values[1];
      if ((Integer.decode(values[4]) & FIN_OR_RST) != 0) open.remove(stream);
      else open.add(stream);
      if (values[3].equals("0")) return;
      long time = nanos(values[0]);
      int n = FIELDS.size();
      if (!values[2].equals("" + port)) ask(stream, time, Arrays.asList(values).subList(n, values.length - 1));
      else if (last.containsKey(stream)) answer(last.get(stream), time, values[values.length - 1]);
    }

    private void ask(String stream, long time, List<String> fields) {
      if (fields.get(0).isEmpty()) return;
      Asked next = new Asked(protocol.asked(fields), time);
      asked.add(next);
      last.put(stream, next);
    }

    private void answer(Asked to, long time, String field) {
      to.end = time;
      if (!field.isEmpty()) to.status = protocol.answered(field);
    }

    /** Of seconds with nine digits behind the point. */
    private static long nanos(String seconds) {
      return Long.parseLong(seconds.replace(".", ""));
    }
  }
}
