/** Starts Felix with the bundles of a feature, runs one command in it and stops it. On the class path, not a bundle. */
package io.mop.launcher;
