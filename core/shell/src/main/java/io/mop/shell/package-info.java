/** Gogo commands of the scope {@code mop} and the control socket through which the command line tool reaches them. */
package io.mop.shell;
