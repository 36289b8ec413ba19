/**
 * What the engine is told to run and what it reports: the seam between the engine, configuration, deployer and shell.
 */
@Export
@Version("1.3.0")
package io.mop.control;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
