/** OTLP wire bytes: structure check, cursors, edits and the span writer; no protobuf objects. */
@Export
@Version("1.1.0")
package io.mop.otlp;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
