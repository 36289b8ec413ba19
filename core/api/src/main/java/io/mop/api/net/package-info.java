/** TLS and credentials for plugins that serve or connect: configuration records, and what is made of them. */
@Export
@Version("1.0.0")
package io.mop.api.net;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
