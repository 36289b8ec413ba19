/** Tests that run inside Felix, on the bundles that are shipped. */
package io.mop.testkit.osgi;
