/** {@code mop trace}: live spans of real processes, by a MOP of its own. */
package io.mop.cli.trace;
