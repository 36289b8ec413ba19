package io.mop.api.pipeline;

import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.plugin.Part;
import org.osgi.annotation.versioning.ConsumerType;

/** A processor that edits or drops items. What it does not drop goes on; it cannot lose, repeat or reorder. */
@ConsumerType
public interface Transform extends Part {
  /** One call at a time per instance, on a lane; there is one instance per lane. Never blocks. */
  void apply(Items items, Edits edits);
}
