package io.mop.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Allocation of a JVM from its log of collections ({@code -Xlog:gc:file=…}): between two collections the heap grew from
 * what the first left to what the second found. In steps of 1 MiB a collection.
 */
final class GcLog {
  private static final Pattern PAUSE = Pattern.compile("Pause .* (\\d+)M->(\\d+)M\\(");

  private final Path log;

  GcLog(Path log) {
    this.log = log;
  }

  /** Of the JVM. */
  String option() {
    return "-Xlog:gc:file=" + log;
  }

  /** A mark after a full collection that this asks for. */
  int collect(long pid) throws IOException {
    Host.jcmd(pid, "GC.run");
    return pauses().size();
  }

  /** Bytes allocated between two marks. */
  long allocated(int from, int to) throws IOException {
    List<long[]> pauses = pauses();
    long mib = 0;
    for (int i = from; i < to; i++) mib += pauses.get(i)[0] - pauses.get(i - 1)[1];
    return mib << 20;
  }

  private List<long[]> pauses() throws IOException {
    return Files.readAllLines(log).stream()
        .map(PAUSE::matcher)
        .filter(Matcher::find)
        .map(m -> new long[] {Long.parseLong(m.group(1)), Long.parseLong(m.group(2))})
        .toList();
  }
}
