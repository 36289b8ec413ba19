package io.mop.otlp;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Requests of all signals in one shape: field 1 holds resources, their field 2 scopes, theirs 2 items or metrics. */
final class Otlp {
  /**
   * A span, data point or log record and what it is in.
   *
   * @param metric the default instance of other signals
   */
  record Item(Message resource, Message scope, Metric metric, Message item) {
    List<KeyValue> attributes(AttributeField.Level level) {
      return Otlp.attributes(switch (level) {
        case ITEM -> item;
        case SCOPE -> scope;
        case RESOURCE -> resource;
      });
    }
  }

  private Otlp() {}

  static List<Item> items(Message request) {
    List<Item> items = new ArrayList<>();
    for (Message r : list(request, 1)) {
      for (Message s : list(r, 2)) {
        Message resource = (Message) r.getField(field(r, 1));
        Message scope = (Message) s.getField(field(s, 1));
        for (Message child : list(s, 2)) {
          if (child instanceof Metric m) {
            data(m).ifPresent(d -> list((Message) m.getField(d), 1)
                .forEach(point -> items.add(new Item(resource, scope, m, point))));
          } else {
            items.add(new Item(resource, scope, Metric.getDefaultInstance(), child));
          }
        }
      }
    }
    return items;
  }

  /** The field of a metric's data that counts. */
  static Optional<FieldDescriptor> data(Metric m) {
    return m.getDataCase() == Metric.DataCase.DATA_NOT_SET ? Optional.empty()
        : Optional.of(field(m, m.getDataCase().getNumber()));
  }

  static FieldDescriptor field(Message m, int number) {
    return m.getDescriptorForType().findFieldByNumber(number);
  }

  static List<Message> list(Message m, int number) {
    return ((List<?>) m.getField(field(m, number))).stream().map(Message.class::cast).toList();
  }

  static List<KeyValue> attributes(Message m) {
    FieldDescriptor attributes = m.getDescriptorForType().findFieldByName("attributes");
    return ((List<?>) m.getField(attributes)).stream().map(KeyValue.class::cast).toList();
  }

  static Message.Builder withAttributes(Message m, List<KeyValue> list) {
    return m.toBuilder().setField(m.getDescriptorForType().findFieldByName("attributes"), list);
  }
}
