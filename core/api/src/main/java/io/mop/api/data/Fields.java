package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Declares attributes to read or edit, while the part is created. The handle is the only way to reach one, so a part
 * cannot forget to declare.
 */
@ProviderType
public interface Fields {
  /** An attribute of the span, data point or log record. */
  Field item(String key);

  /** An attribute of the instrumentation scope. */
  Field scope(String key);

  /** An attribute of the resource. */
  Field resource(String key);
}
