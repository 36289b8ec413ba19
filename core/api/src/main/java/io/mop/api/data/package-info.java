/** Telemetry as OTLP wire bytes: batches, cursors over their items, and edits the engine applies. */
@Export
@Version("1.1.0")
package io.mop.api.data;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
