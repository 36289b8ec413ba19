package io.mop.engine.tap;

import io.mop.api.data.Signal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of one item of a request, and of what it belongs to.
 *
 * @param resource body of the Resource message
 * @param scope body of the InstrumentationScope message
 * @param metric body of the Metric message without its data
 * @param data body of the message that holds the data points, without them
 * @param kind field number of {@code data} in Metric; 0 of other signals
 * @param item body of the Span, data point or LogRecord
 */
record Excerpt(Signal signal, byte[] resource, byte[] scope, byte[] metric, byte[] data, int kind, byte[] item) {
  private static final byte[] NONE = {};

  int bytes() {
    return resource.length + scope.length + metric.length + data.length + item.length;
  }

  /** Items number {@code first} to before {@code first + count}, from 0 in the order of the bytes. */
  static List<Excerpt> of(Signal signal, ByteBuffer wire, int first, int count) {
    Walk walk = new Walk(signal, first, count);
    Message request = Message.of(wire);
    while (!walk.done() && request.next()) if (request.is(1)) walk.resource(request.message(), request);
    return walk.found;
  }

  private static final class Walk {
    private final Signal signal;
    private final int first;
    private final int count;
    private int at;
    private byte[] resource = NONE;
    private byte[] scope = NONE;
    private Message ofResource;
    private Message ofScope;
    final List<Excerpt> found = new ArrayList<>();

    Walk(Signal signal, int first, int count) {
      this.signal = signal;
      this.first = first;
      this.count = count;
    }

    boolean done() {
      return found.size() == count;
    }

    /** @param field whose content is the message: read again when an item of it is wanted */
    void resource(Message message, Message field) {
      ofResource = field;
      while (!done() && message.next()) if (message.is(2)) scope(message.message(), message);
    }

    private void scope(Message message, Message field) {
      ofScope = field;
      while (!done() && message.next()) {
        if (!message.is(2)) continue;
        if (signal == Signal.METRICS) metric(message.message(), message);
        else if (wanted()) add(NONE, NONE, 0, message);
      }
    }

    private void metric(Message message, Message field) {
      int kind = 0;
      while (message.next()) if (isData(message)) kind = message.number; // of several the last counts
      Message again = field.message();
      byte[] head = null;
      while (!done() && again.next()) {
        if (!isData(again) || again.number != kind) continue;
        Message points = again.message();
        byte[] data = null;
        while (!done() && points.next()) {
          if (!points.is(1) || !wanted()) continue;
          if (head == null) head = without(field, kind);
          if (data == null) data = without(again, 1);
          add(head, data, kind, points);
        }
      }
    }

    private static boolean isData(Message field) {
      int n = field.number;
      return field.is(n) && (n == 5 || n == 7 || n == 9 || n == 10 || n == 11);
    }

    private boolean wanted() {
      int item = at++;
      return item >= first && !done();
    }

    private void add(byte[] metric, byte[] data, int kind, Message item) {
      if (ofResource != null) resource = only(ofResource, 1);
      if (ofScope != null) scope = only(ofScope, 1);
      ofResource = null;
      ofScope = null;
      found.add(new Excerpt(signal, resource, scope, metric, data, kind, item.content(item.from, item.to)));
    }

    /** The message that is field {@code number}; pieces one after the other are one message. */
    private static byte[] only(Message field, int number) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Message fields = field.message();
      while (fields.next()) if (fields.is(number)) all.writeBytes(fields.content(fields.from, fields.to));
      return all.toByteArray();
    }

    private static byte[] without(Message field, int number) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      Message fields = field.message();
      while (fields.next()) if (!fields.is(number)) all.writeBytes(fields.content(fields.begin, fields.end()));
      return all.toByteArray();
    }
  }
}
