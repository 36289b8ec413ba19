package io.mop.api.data;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Sees every attribute value of a batch, whatever its key, and may replace or remove it: for parts that cannot say
 * beforehand which keys they need. Passed to {@link Edits#values}. It costs a look at every attribute, where a declared
 * {@link Field} costs one at its own, so parts that know their keys should declare them.
 */
@ConsumerType
public interface ValueEditor {
  /** What a value belongs to. */
  enum Owner {
    RESOURCE,
    SCOPE,
    /** A metric's metadata. */
    METRIC,
    /** A span, data point or log record. */
    ITEM,
    /** A span's event. */
    EVENT,
    /** A span's link. */
    LINK,
    /** An exemplar's filtered attributes. */
    EXEMPLAR,
    /** The body of a log record. */
    BODY
  }

  /**
   * Called with each value in the order of the wire: an array or map first as a whole; if that is neither replaced nor
   * removed, then each element with the array's key, and each entry with its own key, at any depth. Values of a
   * resource or scope come once, also if it has no items. An attribute that occurs twice comes twice. A text that a
   * reader would not see, as a later one in the same value takes its place, comes as well.
   *
   * @param key the attribute's key or the nearest map key; empty in a body outside of a map. Key and value are valid
   *     until the call returns
   */
  void value(Owner owner, Text key, Value value, Edit edit);

  /** Called after the last value of each owner but BODY; of a resource or scope in pieces after that of each piece. */
  default void end(Owner owner, Append append) {}

  /** What becomes of the value of one call; nothing if not used. The last use counts. */
  @ProviderType
  interface Edit {
    /** The value becomes the text in bytes {@code from} to before {@code to}; U+FFFD for what is no UTF-8. */
    void replace(byte[] utf8, int from, int to);

    /** The attribute, entry or element goes. A text that a reader does not see becomes empty. */
    void remove();

    /** True if the value lies in an array or map, so that the key is not that of an attribute. */
    boolean nested();
  }

  /** Adds attributes to an owner that has none of the key. */
  @ProviderType
  interface Append {
    void add(Text key, Text value);

    void add(Text key, long value);
  }
}
