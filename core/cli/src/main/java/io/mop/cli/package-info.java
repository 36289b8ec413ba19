/** The command line tool {@code mop}: one class a sub-command, named in {@link io.mop.cli.Mop}. */
package io.mop.cli;
