/** The kernel side: libbpf through JNA, maps and the ring; the only user of JNA. */
@Export
@Version("1.0.0")
package io.mop.bpf;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
