package io.mop.control;

import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;

/**
 * One installed plugin.
 *
 * @param name as in mop.yaml, e.g. {@code attributes}
 * @param version of its bundle
 * @param bundle symbolic name of its bundle
 * @param bundleId OSGi bundle id
 */
public record PluginType(Kind kind, String name, String version, String bundle, long bundleId, Plugin<?> plugin) {}
