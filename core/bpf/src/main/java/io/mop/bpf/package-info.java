/** The kernel side: libbpf through JNA, maps and the ring; the only user of JNA. */
@Export
@Version("1.0.0")
// Load and attach programs, map memory.
@Capability(namespace = "mop.linux.cap", attribute = "name=BPF")
@Capability(namespace = "mop.linux.cap", attribute = "name=PERFMON")
// Selecting by executable and by port reads links in /proc/PID, by port also /proc/PID/fd of other users, and by a
// container's name files that its engine keeps.
@Capability(namespace = "mop.linux.cap", attribute = "name=SYS_PTRACE")
@Capability(namespace = "mop.linux.cap", attribute = "name=DAC_READ_SEARCH")
// Process ids in the kernel's programs are the host's. Type information is in /sys, which a container has.
@Capability(namespace = "mop.host.namespace", attribute = "name=pid")
// Tells systemd when MOP is ready, as that needs native code: mop.service is Type=notify with this bundle.
@Capability(namespace = "mop.service.notify", attribute = "protocol=systemd")
package io.mop.bpf;

import org.osgi.annotation.bundle.Capability;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
