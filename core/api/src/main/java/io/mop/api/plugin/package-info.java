/**
 * What every plugin is made of: one {@link io.mop.api.plugin.Plugin} service that makes
 * {@link io.mop.api.plugin.Part}s.
 */
@Export
@Version("1.0.0")
package io.mop.api.plugin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
