package io.mop.plugins.postgresql;

import io.mop.testkit.Conversation;
import io.mop.testkit.Conversation.Part;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What may happen to what a connection says. */
enum Disturbed {
  /** The connection is closed after every byte. */
  ENDED,
  /** One part is captured up to a byte. */
  CUT,
  /** The record of one part is lost. */
  LOST,
  /** The capture begins behind a part. */
  ATTACHED_LATE,
  /** A request is recorded behind the response to it; at the client only. */
  RECORDED_LATE;

  int times(Conversation c) {
    return this == ENDED || this == CUT ? c.length() : c.parts().size();
  }

  List<TestSpan> play(TestConnection to, Conversation conversation, int n) {
    List<Part> parts = conversation.parts();
    int at = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part p = parts.get(i);
      int inside = n - at;
      at += p.bytes().length();
      if (p.ends()) {
        to.serverCloses();
        continue;
      }
      switch (this) {
        case ENDED -> send(to, p, Math.min(inside, p.bytes().length()), false);
        case CUT -> send(to, p, inside < 0 || inside >= p.bytes().length() ? p.bytes().length() : inside, true);
        case LOST -> {
          if (i == n) to.lose(p.request(), p.bytes().length());
          else send(to, p, p.bytes().length(), true);
        }
        case ATTACHED_LATE -> {
          if (i > n) send(to, p, p.bytes().length(), true);
        }
        case RECORDED_LATE -> {
          boolean swap = i == n && i > 0 && i + 1 < parts.size() && swappable(p, parts.get(i + 1));
          Part next = swap ? parts.get(++i) : p;
          if (swap) at += next.bytes().length();
          if (swap) late(to, p, next);
          else send(to, p, p.bytes().length(), true);
        }
      }
    }
    return to.close().check().spans();
  }

  private static boolean swappable(Part request, Part response) {
    return request.request() && !response.request() && !response.ends();
  }

  private static void late(TestConnection to, Part request, Part response) {
    try {
      to.lateRequest(request.bytes(), () -> send(to, response, response.bytes().length(), true));
    } catch (IllegalStateException atServer) {
      send(to, request, request.bytes().length(), true);
      send(to, response, response.bytes().length(), true);
    }
  }

  /** @param cut whether what is not captured passes, too */
  private static void send(TestConnection to, Part p, int captured, boolean cut) {
    if (captured <= 0 && !cut) return;
    String bytes = cut ? p.bytes() : p.bytes().substring(0, captured);
    to.data(p.request(), bytes.getBytes(StandardCharsets.ISO_8859_1), captured);
  }
}
