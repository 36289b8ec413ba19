/** From captured socket records to spans: selection, connections, streams, pairing and naming. */
@Export
@Version("1.0.0")
package io.mop.capture;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
