package io.mop.otlp;

import io.mop.otlp.AttributeField.Level;
import java.util.HashMap;
import java.util.Map;

/** Gives each (level, key) one field for the life of an engine. Append-only; safe for use by many threads. */
public final class FieldTable {
  private record Id(Level level, String key) {}

  private final Map<Id, AttributeField> fields = new HashMap<>();

  /**
   * The one field of this level and key.
   *
   * @throws IllegalArgumentException if the key is empty
   */
  public synchronized AttributeField field(Level level, String key) {
    Id id = new Id(level, key);
    AttributeField field = fields.get(id);
    if (field == null) {
      field = new AttributeField(level, key, fields.size());
      fields.put(id, field);
    }
    return field;
  }

  /** Fields made so far; their slots are {@code 0..size()-1}. */
  public synchronized int size() {
    return fields.size();
  }
}
