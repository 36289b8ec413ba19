/** mop.yaml: parsing, binding to records, and what the engine is to run. */
@Export
@Version("1.1.0")
package io.mop.config;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
