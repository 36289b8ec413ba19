/** Plugins as JAR files in a directory: what is installed, why something is not, and how to replace and take back. */
@Export
@Version("1.0.0")
package io.mop.deploy;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
