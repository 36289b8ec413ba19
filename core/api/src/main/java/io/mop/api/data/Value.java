package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/** An attribute value in place, valid until the cursor moves. Nothing is coerced silently. */
@ProviderType
public interface Value {
  /** OTLP {@code AnyValue}'s types; ABSENT = the item has no such attribute, EMPTY = it has one without a value. */
  enum Type {
    ABSENT,
    EMPTY,
    TEXT,
    BOOL,
    INT,
    DOUBLE,
    BYTES,
    ARRAY,
    MAP
  }

  Type type();

  /** @throws IllegalStateException unless {@link #type()} is TEXT */
  Text text();

  /** @throws IllegalStateException unless {@link #type()} is INT */
  long integer();

  /** @throws IllegalStateException unless {@link #type()} is DOUBLE */
  double real();

  /** @throws IllegalStateException unless {@link #type()} is BOOL */
  boolean bool();

  default boolean present() {
    return type() != Type.ABSENT;
  }
}
