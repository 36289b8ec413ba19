/** Pipelines: lanes, the graph, sending queues and the ledger. */
@Export
@Version("1.0.0")
package io.mop.engine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
