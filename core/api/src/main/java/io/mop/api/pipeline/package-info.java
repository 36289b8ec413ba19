/** The parts a pipeline is made of: receivers, transforms and exporters. */
@Export
@Version("1.1.0")
package io.mop.api.pipeline;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
