package io.mop.exporters.debug;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Value;
import io.mop.api.plugin.Context;
import java.util.List;

/** One that is shown: the item's, or else its resource's. */
record Attribute(String key, Field item, Field resource) {
  static List<Attribute> of(List<String> keys, Context context) {
    return keys.stream().map(k -> new Attribute(k, context.fields().item(k), context.fields().resource(k))).toList();
  }

  Value of(Items items) {
    Value value = items.get(item);
    return value.present() ? value : items.get(resource);
  }
}
