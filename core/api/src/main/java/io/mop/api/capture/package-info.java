/** Wire protocols of observed processes: a decoder finds messages, the capture core does everything else. */
@Export
@Version("1.3.0")
package io.mop.api.capture;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
