package io.mop.capture;

/**
 * One connection as it is now, or as it ended, for people.
 *
 * @param tgid its process; 0 if not known
 * @param local {@code address:port}; empty if not known, as of unix sockets
 * @param remote {@code address:port}; empty if not known
 * @param role {@code server}, {@code client} or {@code unknown}
 * @param protocol the decoder that reads it; empty if none does
 * @param kind what it is without a decoder, as {@link Counters#BYTES_UNREAD} has it; empty if it has one
 * @param reason why no decoder reads it, as a sentence; empty if one does
 * @param bytesReceived passed since the first sight, with those in no record
 * @param bytesSent passed since the first sight, with those in no record
 * @param exchanges pairs of a request and its response that are complete
 * @param recordsLost records that did not reach this process
 * @param bytesLost bytes in no record
 * @param lastLoss why reading last started anew, one of the reasons in {@link Counters}; empty if it never did
 * @param lastDecoderError which decoder failed on it last, and how; empty if none did. Never bytes of the connection
 * @param open whether it was not seen to end
 */
public record LiveConnection(
    int tgid,
    String local,
    String remote,
    String role,
    String protocol,
    String kind,
    String reason,
    long bytesReceived,
    long bytesSent,
    long exchanges,
    long recordsLost,
    long bytesLost,
    String lastLoss,
    String lastDecoderError,
    boolean open) {
  static LiveConnection of(
      Connection c, Edges edges, InFlight inFlight, String failure, String lastLoss, boolean open) {
    boolean read = !c.reader().isEmpty();
    String reason = read ? "" : c.decoded() ? notReadAnyMore(c, inFlight.left()) : edges.reason(c).toString();
    return new LiveConnection(
        c.resource().tgid(),
        c.ends().local().toString(),
        c.ends().remote().toString(),
        (c.decoded() ? Role.of(c.server()) : Edges.role(c)).key,
        c.reader(),
        read ? "" : c.unreadAs(),
        reason,
        c.positions().passed(Record.RECV),
        c.positions().passed(Record.SEND),
        inFlight.completed(),
        c.positions().recordsLost(),
        c.positions().bytesLost(),
        lastLoss,
        failure,
        open);
  }

  private static String notReadAnyMore(Connection c, String left) {
    return c.protocolName() + (left.isEmpty() ? ": its decoder failed or was removed" : ": its decoder left, " + left);
  }
}
