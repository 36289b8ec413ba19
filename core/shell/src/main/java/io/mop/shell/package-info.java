/** The commands of a running MOP, over Gogo and a unix socket. */
@Export
@Version("1.0.0")
package io.mop.shell;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
