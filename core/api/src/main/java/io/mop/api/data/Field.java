package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/** Handle of one attribute, valid for the part that declared it. */
@ProviderType
public interface Field {
  /** The attribute's key. */
  String key();
}
