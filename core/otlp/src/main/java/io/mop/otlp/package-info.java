/** OTLP wire bytes: structure check, cursors, edits and writers of spans and histograms; no protobuf objects. */
@Export
@Version("1.2.0")
package io.mop.otlp;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
