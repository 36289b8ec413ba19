package io.mop.capture;

import io.mop.api.data.Text;
import java.util.Optional;
import java.util.Set;

/**
 * Recognises processes that make spans themselves, so that each call is not shown twice. Two things give one away:
 *
 * <ul>
 *   <li>It sends OTLP, {@code POST …/v1/traces}, and does not receive any: it is no collector and no proxy.
 *   <li>It sends a trace context (trace and parent span) that it did not receive shortly before. A proxy passes on what
 *       it received, seen once or it is none. What it received is known only as far as its requests can be read:
 *       a trace that it never received tells something only if each port that it listens on was seen with such.
 * </ul>
 *
 * For the ring thread, {@link #why} for any.
 */
final class OwnSdk {
  private static final String METHOD = "http.request.method";
  private static final String PATH = "url.path";
  private static final String URL = "url.full";
  private static final Text POST = Text.of("POST");
  private static final String EXPORT = "/v1/traces";

  private final Recent contexts = new Recent();
  private final Recent traces = new Recent();
  private boolean suppress;

  /** Spans of such processes are left out. */
  void suppress() {
    suppress = true;
  }

  /** Whether the process has no spans here, as it makes them itself. */
  boolean hides(Resource process) {
    return suppress && process.signs().sdk();
  }

  /** The process received a request with a trace context, or sends one. */
  void context(Connection c, Call call, Processes processes) {
    Resource process = c.resource();
    SdkSigns signs = process.signs();
    if (signs.passesOn) return;
    long high = call.traceHigh();
    long low = call.traceLow();
    if (c.server()) {
      contexts.add(process, low, call.told());
      traces.add(process, low, high);
    } else if (contexts.has(process, low, call.told())) {
      signs.passesOn = true;
      signs.takeBack();
    } else if (!signs.sdk() && (traces.has(process, low, high) || readable(process, signs, processes))) {
      signs.sentContext(where(c.ends().remote()));
    }
  }

  /** Looks at the process's sockets at the 1st, 2nd, 4th, 8th such context and so on: they may be many. */
  private static boolean readable(Resource process, SdkSigns signs, Processes processes) {
    if (Integer.bitCount(++signs.unknown) != 1) return false;
    Optional<Set<Integer>> ports = processes.listening(process.tgid());
    return ports.isPresent() && ports.get().stream().allMatch(signs::answersOn);
  }

  /** An exchange is complete. */
  void completed(Connection c, SpanData d) {
    SdkSigns signs = c.resource().signs();
    if (c.server()) signs.answers(c.ends().local().port());
    if (export(d)) {
      if (c.server()) {
        signs.receivesOtlp = true;
        signs.takeBack();
      } else if (!signs.receivesOtlp && !signs.sentOtlp()) {
        signs.sentOtlp(where(c.ends().remote()));
      }
    }
  }

  private static String where(Endpoint e) {
    if (!e.known()) return "a socket of this machine";
    String address = e.address().toString();
    return (address.indexOf(':') < 0 ? address : "[" + address + "]") + ":" + e.port();
  }

  private static boolean export(SpanData d) {
    return d.text(METHOD).is(POST) && (endsSo(d.text(PATH)) || endsSo(d.text(URL)));
  }

  private static boolean endsSo(Text text) {
    int from = text.length() - EXPORT.length();
    if (from < 0) return false;
    for (int i = 0; i < EXPORT.length(); i++) if (text.at(from + i) != EXPORT.charAt(i)) return false;
    return true;
  }

  /** Why the spans of a process are its own matter; empty if they are not. */
  static Optional<String> why(Resource process) {
    return process.signs().reason()
        .map(r -> "process " + process.tgid() + " has an OpenTelemetry SDK of its own: " + r);
  }

  /** The last pairs of numbers of all processes, without a promise: a newer one may take the place of an older. */
  private static final class Recent {
    private static final int SIZE = 1 << 12;

    private final Resource[] whose = new Resource[SIZE];
    private final long[] first = new long[SIZE];
    private final long[] second = new long[SIZE];

    private static int slot(Resource process, long a, long b) {
      long h = (a * 31 + b) * 31 + process.tgid();
      return (int) (h * 0x9E3779B97F4A7C15L >>> 52);
    }

    void add(Resource process, long a, long b) {
      int i = slot(process, a, b);
      whose[i] = process;
      first[i] = a;
      second[i] = b;
    }

    boolean has(Resource process, long a, long b) {
      int i = slot(process, a, b);
      return whose[i] == process && first[i] == a && second[i] == b;
    }
  }
}
