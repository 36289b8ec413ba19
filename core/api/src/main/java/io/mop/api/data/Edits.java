package io.mop.api.data;

import java.util.Arrays;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Changes to the cursor's current item. The engine applies them after the call returned: a part that throws or hangs
 * has changed nothing, and the cursor keeps showing the item as it came in. Edits of one item apply in order, each on
 * the result of those before. Ids cannot be edited. A change to a resource or scope field is made once and holds for
 * every item of that resource or scope; attribute keys stay unique.
 */
@ProviderType
public interface Edits {
  /** Gives the attribute another key, replacing an attribute that has it; nothing if the field is absent. */
  void rename(Field field, Text key);

  /** Sets the value, adding the attribute if it is absent. */
  void set(Field field, Text value);

  /** Sets the value, adding the attribute if it is absent. */
  void set(Field field, long value);

  /** Sets the value, adding the attribute if it is absent. */
  void set(Field field, double value);

  /** Sets the value, adding the attribute if it is absent. */
  void set(Field field, boolean value);

  /**
   * Sets the value to the text in bytes {@code from} to before {@code to}, adding the attribute if it is absent. Since
   * 1.1.
   */
  default void set(Field field, byte[] utf8, int from, int to) {
    set(field, Text.of(Arrays.copyOfRange(utf8, from, to)));
  }

  /** Replaces the value by the lower-case hex SHA-256 of its text, decimal form or bytes; nothing if absent. */
  void hash(Field field);

  /** Removes the attribute; nothing if it is absent. */
  void remove(Field field);

  /** The item ends here; the ledger counts it as filtered under {@code reason}. */
  void drop(Reason reason);

  /**
   * Shows every attribute value of the batch to {@code editor}, in one pass over all items; the cursor stays at its
   * item, but values it gave out are void. A call that uses this makes no other edit. Since 1.1.
   *
   * @throws IllegalStateException if the call has made another edit
   */
  default void values(ValueEditor editor) {
    throw new UnsupportedOperationException("values");
  }
}
