package io.mop.bpf;

import io.mop.capture.LiveConnection;
import io.mop.control.Why.Connections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one row of connections that differ in numbers only. */
final class AlikeConnections {
  private AlikeConnections() {}

  /** Those with the most bytes first. */
  static List<Connections> of(List<LiveConnection> connections) {
    Map<List<Object>, Connections> rows = new LinkedHashMap<>();
    for (LiveConnection c : connections) {
      Connections one = row(c);
      List<Object> alike = List.of(one.peer(), one.port(), one.role(), one.protocol(), one.kind(), one.reason());
      rows.merge(alike, one, AlikeConnections::sum);
    }
    Comparator<Connections> bytes = Comparator.comparingLong(c -> c.bytesReceived() + c.bytesSent());
    return rows.values().stream().sorted(bytes.reversed()).toList();
  }

  /** A client's port is different each time. */
  private static Connections row(LiveConnection c) {
    boolean server = c.role().equals("server");
    int colon = c.local().lastIndexOf(':');
    return new Connections(
        server ? c.remote().replaceFirst(":\\d+$", "") : c.remote(),
        server && colon >= 0 ? Integer.parseInt(c.local().substring(colon + 1)) : 0,
        c.role(),
        c.protocol(),
        c.kind(),
        c.reason(),
        c.open() ? 1 : 0,
        c.open() ? 0 : 1,
        c.exchanges(),
        c.bytesReceived(),
        c.bytesSent(),
        c.recordsLost(),
        c.bytesLost(),
        c.lastLoss(),
        c.lastDecoderError());
  }

  /** The younger one's losses and errors count as the last, if it has any. */
  private static Connections sum(Connections young, Connections old) {
    return new Connections(
        young.peer(),
        young.port(),
        young.role(),
        young.protocol(),
        young.kind(),
        young.reason(),
        young.open() + old.open(),
        young.ended() + old.ended(),
        young.exchanges() + old.exchanges(),
        young.bytesReceived() + old.bytesReceived(),
        young.bytesSent() + old.bytesSent(),
        young.recordsLost() + old.recordsLost(),
        young.bytesLost() + old.bytesLost(),
        young.lastLoss().isEmpty() ? old.lastLoss() : young.lastLoss(),
        young.lastDecoderError().isEmpty() ? old.lastDecoderError() : young.lastDecoderError());
  }
}
