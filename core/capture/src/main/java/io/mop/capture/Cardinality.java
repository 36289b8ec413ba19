package io.mop.capture;

import io.mop.api.data.Text;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keeps attributes to few different values a service: the first {@link #VALUES} stay, later ones become {@link #OTHER}.
 * A service that was not asked for longest is forgotten when there are too many. For the ring thread.
 */
final class Cardinality {
  static final Text OTHER = Text.of("other");
  static final int VALUES = 100;
  static final int SERVICES = 256;
  private static final int LONGEST = 256;

  private final Counters counters;
  private final Map<String, Map<String, Map<Text, Text>>> services = new LinkedHashMap<>(16, 0.75f, true);

  Cardinality(Counters counters) {
    this.counters = counters;
  }

  /** The value as it was kept first, or {@link #OTHER}. */
  Text bounded(String service, String attribute, Text value) {
    Map<Text, Text> values = of(service).computeIfAbsent(attribute, a -> new HashMap<>());
    Text known = values.get(value);
    if (known != null) return known;
    if (values.size() < VALUES && value.length() <= LONGEST) {
      values.put(value, value);
      return value;
    }
    counters.add(Counters.VALUES_FOLDED, attribute);
    return OTHER;
  }

  private Map<String, Map<Text, Text>> of(String service) {
    Map<String, Map<Text, Text>> attributes = services.get(service);
    if (attributes != null) return attributes;
    if (services.size() == SERVICES) services.remove(services.keySet().iterator().next());
    attributes = new HashMap<>();
    services.put(service, attributes);
    return attributes;
  }
}
