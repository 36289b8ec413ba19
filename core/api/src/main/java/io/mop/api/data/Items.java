package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/** Forward cursor over the items of one batch. Never stored, never shared: using it after the call throws. */
@ProviderType
public interface Items {
  Signal signal();

  /** Moves to the next item; false when there is none. */
  boolean next();

  /**
   * The attribute's value on the current item.
   *
   * @throws IllegalArgumentException if the field was not declared through this part's {@code Context.fields()}
   */
  Value get(Field field);

  /** Number of the current item's resource in the batch, from 0; items of one resource follow each other. Since 1.1. */
  default int resource() {
    throw new UnsupportedOperationException("resource");
  }
}
