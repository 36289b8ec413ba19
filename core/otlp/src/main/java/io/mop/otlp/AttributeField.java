package io.mop.otlp;

import io.mop.api.data.Field;

/**
 * One attribute key at one level. Immutable, so it may stand in several schemas at once.
 *
 * @param slot its number in the {@link FieldTable} that made it, from 0
 */
public record AttributeField(Level level, String key, int slot) implements Field {
  /** Whose attribute it is. */
  public enum Level {
    ITEM,
    SCOPE,
    RESOURCE
  }

  public AttributeField {
    if (key.isEmpty()) throw new IllegalArgumentException("attribute key: expected at least one character");
    if (slot < 0) throw new IllegalArgumentException("slot " + slot + ": expected 0 or more");
  }
}
