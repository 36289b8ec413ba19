package io.mop.engine.tap;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** An item as read, not masked: must not leave this package. */
record RawItem(
    Signal signal,
    long time,
    String name,
    Map<String, Object> fields,
    Map<String, Object> attributes,
    Map<String, Object> scope,
    Map<String, Object> resource) {

  Tap.Item masked() {
    Map<String, Object> masked = Mask.map(resource);
    Object service = masked.get("service.name");
    return new Tap.Item(
        signal,
        time,
        service == null ? "" : service.toString(),
        Mask.text(name),
        maskedFields(),
        Mask.map(attributes),
        Mask.map(scope),
        masked);
  }

  /** Their names are ours, so only what their values hold is masked. */
  private Map<String, Object> maskedFields() {
    Map<String, Object> masked = new LinkedHashMap<>();
    fields.forEach((key, value) -> masked.put(key, Mask.value("", value)));
    return masked;
  }

  /** What became of this one, by the values as they are. */
  List<Tap.Change> changesTo(RawItem after) {
    List<Tap.Change> changes = new ArrayList<>();
    if (!name.equals(after.name)) {
      changes.add(
          new Tap.Change("field", "name", Optional.of(Mask.text(name)), Optional.of(Mask.text(after.name))));
    }
    compare("field", fields, after.fields, changes);
    compare("attribute", attributes, after.attributes, changes);
    compare("scope", scope, after.scope, changes);
    compare("resource", resource, after.resource, changes);
    return changes;
  }

  private static void compare(
      String where, Map<String, Object> before, Map<String, Object> after, List<Tap.Change> changes) {
    before.forEach((key, value) -> {
      if (!after.containsKey(key)) {
        changes.add(new Tap.Change(where, Mask.text(key), shown(where, key, value), Optional.empty()));
      } else if (!Objects.equals(value, after.get(key))) {
        changes.add(
            new Tap.Change(where, Mask.text(key), shown(where, key, value), shown(where, key, after.get(key))));
      }
    });
    after.forEach((key, value) -> {
      if (!before.containsKey(key)) {
        changes.add(new Tap.Change(where, Mask.text(key), Optional.empty(), shown(where, key, value)));
      }
    });
  }

  /** An empty value is the text {@code null}, so that it is not taken for an absent one. */
  private static Optional<Object> shown(String where, String key, Object value) {
    Object masked = Mask.value(where.equals("field") ? "" : key, value);
    return Optional.of(masked == null ? "null" : masked);
  }
}
