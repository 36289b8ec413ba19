package io.mop.launcher;

import io.mop.launcher.LogHandler.Line;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/**
 * The lines of the last minute, so that a repeated one is counted. The count starts anew each minute, when the repeats
 * are reported; not thread-safe.
 */
final class Repeats {
  static final long WINDOW_MILLIS = 60_000;
  /** More different lines than this in a minute: the oldest is reported early and forgotten. */
  private static final int LIMIT = 1_000;

  private final Map<Line, Count> seen = new LinkedHashMap<>();

  /** In order of {@code since}, since an entry that restarts is put at the end. */
  private static final class Count {
    final long since;
    long repeats;

    Count(long since) {
      this.since = since;
    }
  }

  /** Whether the line is new and to be written; else it was counted. Call {@link #expire} before. */
  boolean first(Line line, long now) {
    Count count = seen.get(line);
    if (count != null) {
      count.repeats++;
      return false;
    }
    seen.put(line, new Count(now));
    return true;
  }

  /** Reports repeats of lines whose minute is over. A line that did repeat starts another minute. */
  void expire(long now, ObjLongConsumer<Line> repeated) {
    Map<Line, Count> again = new LinkedHashMap<>();
    Iterator<Map.Entry<Line, Count>> entries = seen.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Line, Count> entry = entries.next();
      Count count = entry.getValue();
      if (now - count.since < WINDOW_MILLIS && seen.size() + again.size() <= LIMIT) {
        break;
      }
      entries.remove();
      if (count.repeats > 0) {
        repeated.accept(entry.getKey(), count.repeats);
        if (now - count.since >= WINDOW_MILLIS) {
          again.put(entry.getKey(), new Count(now));
        }
      }
    }
    seen.putAll(again);
  }
}
